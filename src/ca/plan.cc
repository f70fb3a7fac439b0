#include "ca/plan.h"

#include <algorithm>
#include <array>
#include <span>

#include "ca/crl_entries.h"
#include "ca/service.h"
#include "x509/certificate_builder.h"
#include "x509/lint/lint.h"

namespace chancery::ca {

namespace {

std::unexpected<Error> refuse(std::string detail, std::string_view field, std::string_view rule) {
  return std::unexpected(
      Error{Code::kRefused, std::move(detail), {}, {}}.with("field", field).with("rule", rule));
}

std::unexpected<Error> faulty(std::string_view rule, const std::string& message) {
  return std::unexpected(
      Error{Code::kRefused, "the certificate would be faulty: " + message, {}, {}}.with(
          "rule", "lint." + std::string(rule)));
}

// What the issuer's own certificate allows below it (RFC 5280 sections 4.1.2.5 and 4.2.1.9).
Result<void> within_issuer(const policy::CertificateContent& content, const PlanIssuer& issuer) {
  if (issuer.not_after && content.not_after > *issuer.not_after) {
    return refuse(
        "the certificate would outlive its issuer, which expires at " + rfc3339(*issuer.not_after),
        "not_after", "issuer_validity");
  }
  const auto& constraints = content.basic_constraints;
  if (!constraints || !constraints->ca || !issuer.path_length) return {};
  const bool deeper = !constraints->path_length || *constraints->path_length >= *issuer.path_length;
  if (*issuer.path_length == 0 || deeper) {
    return refuse(
        "the issuer's path length is " + std::to_string(*issuer.path_length) +
            ", so the authority below it must have a smaller one, if there may be one at all",
        "max_path_length", "issuer_path_length");
  }
  return {};
}

std::vector<std::string> filled(std::span<const std::string> urls, BytesView serial) {
  std::vector<std::string> names;
  for (const std::string& url : urls) names.push_back(with_shard(url, serial));
  return names;
}

// The delta CRLs that complete one of the CRLs which a certificate names: of a shard if it names
// shards, else of all certificates.
std::vector<std::string> completing(std::span<const std::string> crls,
                                    std::span<const std::string> deltas, BytesView serial) {
  const bool sharded = std::ranges::any_of(crls, shards_in);
  std::vector<std::string> names;
  for (const std::string& delta : deltas) {
    const unsigned count = shards_in(delta);
    const bool completes =
        sharded == (count != 0) && std::ranges::find(crls, count, shards_in) != crls.end();
    if (completes) names.push_back(with_shard(delta, serial));
  }
  return names;
}

}  // namespace

PlanIssuer plan_issuer(const Authority& authority, const policy::CertificateContent& content) {
  const x509::Certificate& certificate = authority.certificate();
  PlanIssuer issuer;
  issuer.name = certificate.subject().der();
  issuer.key_identifier = authority.key_identifier();
  issuer.scheme = authority.scheme(content.signature_bits, content.use_pss);
  issuer.urls = authority.urls() ? &*authority.urls() : nullptr;
  issuer.not_before = certificate.not_before();
  issuer.not_after = certificate.not_after();
  if (const auto& constraints = certificate.extensions().basic_constraints)
    issuer.path_length = constraints->path_length;
  return issuer;
}

Result<Bytes> plan_with(const policy::CertificateContent& content, const PlanIssuer& issuer,
                        BytesView serial) {
  CHANCERY_CHECK(content.public_key.has_value());
  TRY(within_issuer(content, issuer));
  const auto key_id = x509::key_identifier(*content.public_key);
  x509::TbsFields fields;
  fields.serial = serial;
  fields.scheme = issuer.scheme;
  fields.issuer = issuer.name;
  fields.not_before = content.not_before;
  fields.not_after = content.not_after;
  const BytesView subject = content.subject.der();
  fields.subject = subject;
  fields.spki = content.public_key->spki();
  if (!content.key_usage.empty()) fields.key_usage = content.key_usage;
  fields.extended_key_usage = content.extended_key_usage;
  fields.basic_constraints = content.basic_constraints;
  fields.subject_key_id = key_id;
  if (!content.subject_key_id.empty()) fields.subject_key_id = content.subject_key_id;
  fields.authority_key_id = issuer.key_identifier;
  static const policy::ContentExtras kNone;
  const policy::ContentExtras& extras = content.extras ? *content.extras : kNone;
  std::vector<std::string> crl_urls;
  std::vector<std::string> delta_urls;
  if (issuer.urls != nullptr) {
    if (extras.ocsp_urls) fields.ocsp_urls = issuer.urls->ocsp_servers;
    if (extras.ca_issuer_urls) fields.ca_issuer_urls = issuer.urls->issuing_certificates;
    if (extras.crl_urls) {
      fields.crl_urls = issuer.urls->crl_distribution_points;
      fields.freshest_crl_urls = issuer.urls->delta_crl_distribution_points;
      if (std::ranges::any_of(fields.crl_urls, shards_in) ||
          std::ranges::any_of(fields.freshest_crl_urls, shards_in)) {
        crl_urls = filled(fields.crl_urls, serial);
        delta_urls = completing(fields.crl_urls, fields.freshest_crl_urls, serial);
        fields.crl_urls = crl_urls;
        fields.freshest_crl_urls = delta_urls;
      }
    }
  }
  if (extras.extended_key_usage_critical) {
    fields.extended_key_usage_critical = x509::Criticality::kCritical;
  }
  fields.encoded_extensions = extras.extensions;
  fields.subject_alt_names = content.names;
  fields.policies = content.policies;
  if (content.name_constraints) fields.name_constraints = &*content.name_constraints;
  return x509::encode_tbs(fields);
}

Result<Bytes> plan(const policy::CertificateContent& content, const Authority& issuer,
                   BytesView serial) {
  return plan_with(content, plan_issuer(issuer, content), serial);
}

Result<Linted> lint_or_refuse(Bytes tbs, const policy::CertificateContent& content,
                              const PlanIssuer& issuer, crypto::KeyAlgorithm issuer_key) {
  auto certificate = x509::UnsignedCertificate::parse(std::move(tbs));
  if (!certificate) return faulty("parse", certificate.error().to_string());
  x509::lint::LintContext context{issuer.not_before, issuer.not_after, issuer_key, {}};
  if (content.extras) context.settings = content.extras->lints;
  Linted linted{*std::move(certificate), {}};
  for (const auto& finding : x509::lint::lint_tbs(linted.certificate.fields(), context)) {
    if (finding.severity == x509::lint::Severity::kError) {
      return faulty(finding.rule, finding.message);
    }
    // Roles tell nothing: Vault's clients do not expect it.
    if (content.extras) {
      linted.warnings.push_back("lint " + std::string(finding.rule) + ": " + finding.message);
    }
  }
  return linted;
}

Bytes make_serial(std::uint8_t cell, TimePoint not_after, Random& random) {
  CHANCERY_CHECK(cell >= 0x01 && cell <= 0x7f);
  const CivilTime civil = to_civil(not_after);
  const int months = std::max(0, (civil.year - 1970) * 12 + static_cast<int>(civil.month) - 1);
  Bytes serial(19);
  serial[0] = cell;
  serial[1] = static_cast<std::uint8_t>(months >> 8);
  serial[2] = static_cast<std::uint8_t>(months);
  random.fill(std::span(serial).subspan(3));
  return serial;
}

}  // namespace chancery::ca
