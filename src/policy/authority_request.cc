#include "policy/authority_request.h"

#include <algorithm>
#include <array>

#include "asn1/writer.h"
#include "policy/decide.h"
#include "policy/key_rules.h"
#include "policy/refusal.h"
#include "policy/usages.h"
#include "policy/validity.h"
#include "x509/oids.h"

namespace chancery::policy {
namespace {

constexpr TimePoint kLastMoment = from_unix(253'402'300'799);  // 9999-12-31T23:59:59Z
constexpr std::int64_t kLongestPath = 255;

// The role under which an operator's request is judged: it allows every name.
Role authority_role(const AuthorityRequest& request, std::string_view profile) {
  Role role;
  role.name = profile;
  role.allow_any_name = true;
  role.enforce_hostnames = false;
  role.cn_validations = {"disabled"};
  role.require_cn = false;
  role.allowed_uri_sans = {"*"};
  role.allowed_other_sans = {"*"};
  role.allowed_serial_numbers = {"*"};
  role.allowed_user_ids = {"*"};
  role.use_csr_common_name = false;  // what counts of a CSR replaces the rest as a whole
  role.use_csr_sans = false;
  role.key_type = RoleKeyType::kAny;
  role.key_bits = 0;
  role.signature_bits = request.signature_bits;
  role.use_pss = request.use_pss;
  role.server_flag = false;
  role.client_flag = false;
  role.key_usage = request.key_usage;
  role.ext_key_usage = request.ext_key_usage;
  role.ext_key_usage_oids = request.ext_key_usage_oids;
  role.not_before_duration = request.not_before_duration;
  role.ou = request.ou;
  role.organization = request.organization;
  role.country = request.country;
  role.locality = request.locality;
  role.province = request.province;
  role.street_address = request.street_address;
  role.postal_code = request.postal_code;
  return role;
}

struct ConstraintField {
  std::string_view name;
  std::string_view kind;  // as GeneralName::parse takes it
  std::vector<std::string> AuthorityRequest::* values;
  std::vector<x509::GeneralName> x509::NameConstraints::* names;
};

constexpr std::array kConstraintFields{
    ConstraintField{"permitted_dns_domains", "DNS:", &AuthorityRequest::permitted_dns_domains,
                    &x509::NameConstraints::permitted},
    ConstraintField{"excluded_dns_domains", "DNS:", &AuthorityRequest::excluded_dns_domains,
                    &x509::NameConstraints::excluded},
    ConstraintField{"permitted_ip_ranges", "IP:", &AuthorityRequest::permitted_ip_ranges,
                    &x509::NameConstraints::permitted},
    ConstraintField{"excluded_ip_ranges", "IP:", &AuthorityRequest::excluded_ip_ranges,
                    &x509::NameConstraints::excluded},
    ConstraintField{"permitted_email_addresses",
                    "email:", &AuthorityRequest::permitted_email_addresses,
                    &x509::NameConstraints::permitted},
    ConstraintField{"excluded_email_addresses", "email:",
                    &AuthorityRequest::excluded_email_addresses, &x509::NameConstraints::excluded},
    ConstraintField{"permitted_uri_domains", "URI:", &AuthorityRequest::permitted_uri_domains,
                    &x509::NameConstraints::permitted},
    ConstraintField{"excluded_uri_domains", "URI:", &AuthorityRequest::excluded_uri_domains,
                    &x509::NameConstraints::excluded},
};

// An address without a prefix length is no constraint: it would have to be guessed.
bool is_constraint(const x509::GeneralName& name) {
  return name.kind() != x509::GeneralName::Kind::kIp || name.octets().size() == 8 ||
         name.octets().size() == 32;
}

Result<std::optional<x509::NameConstraints>> name_constraints(const AuthorityRequest& request) {
  x509::NameConstraints constraints;
  for (const ConstraintField& field : kConstraintFields) {
    for (const std::string& value : request.*field.values) {
      TRY(check_text(field.name, value));
      auto name = x509::GeneralName::parse(std::string(field.kind) + value);
      if (!name || !is_constraint(*name)) {
        return invalid(field.name, field.name,
                       {"failed to parse ", field.name, ": ", in_quotes(value), " is no ",
                        field.kind == "IP:" ? "address range in CIDR form" : "name constraint"});
      }
      (constraints.*field.names).push_back(*std::move(name));
    }
  }
  if (constraints.permitted.empty() && constraints.excluded.empty()) return std::nullopt;
  return constraints;
}

Result<std::optional<std::uint32_t>> path_length(const AuthorityRequest& request,
                                                 const IssuerFacts& issuer) {
  constexpr std::string_view kField = "max_path_length";
  const std::int64_t wanted = request.max_path_length;
  if (wanted < -1) {
    return invalid(kField, kField, {"x509: invalid MaxPathLen, must be greater or equal to -1"});
  }
  if (wanted > kLongestPath) {
    return invalid(kField, kField, {"max_path_length is at most ", std::to_string(kLongestPath)});
  }
  if (issuer.path_length == 0U) {
    return refused(kField, "issuer_path_length",
                   {"signing certificate has a max path length of zero, and cannot issue further "
                    "CA certificates"});
  }
  if (wanted >= 0) return static_cast<std::uint32_t>(wanted);
  if (issuer.path_length) return *issuer.path_length - 1;
  return std::nullopt;
}

Result<CompiledProfile> authority_profile(const AuthorityRequest& request,
                                          const IssuerFacts& issuer, std::string_view profile) {
  CompiledProfile compiled = TRY(compile(authority_role(request, profile)));
  compiled.key_usage.add(x509::KeyUsageBit::kKeyCertSign);
  compiled.key_usage.add(x509::KeyUsageBit::kCrlSign);
  compiled.basic_constraints = x509::BasicConstraints{true, TRY(path_length(request, issuer))};
  compiled.name_constraints = TRY(name_constraints(request));
  return compiled;
}

// The extensions that the issuer does not write itself (identifiers, URLs, constraints of a CA)
// and that have no field of their own, element behind element.
Bytes copy_extensions(const x509::ExtensionSet& extensions) {
  namespace oids = x509::oids;
  constexpr std::array kOwn{oids::kKeyUsage,
                            oids::kExtendedKeyUsage,
                            oids::kBasicConstraints,
                            oids::kSubjectKeyIdentifier,
                            oids::kAuthorityKeyIdentifier,
                            oids::kAuthorityInfoAccess,
                            oids::kSubjectAltName,
                            oids::kCrlDistributionPoints,
                            oids::kFreshestCrl};
  asn1::Writer out;
  for (const x509::Extension& extension : extensions.all) {
    if (std::ranges::find(kOwn, extension.id) == kOwn.end()) x509::write_extension(out, extension);
  }
  return std::move(out).take();
}

void add_extras(CertificateContent& content, Bytes extensions) {
  if (extensions.empty()) return;
  ContentExtras extras;
  extras.extensions = std::move(extensions);
  content.extras = std::make_shared<const ContentExtras>(std::move(extras));
}

void take_names(CertificateContent& content, const x509::Name& subject,
                std::span<const x509::GeneralName> names) {
  content.subject = subject;
  content.names.assign(names.begin(), names.end());
}

// What a request or certificate says of usages counts before what the role says.
void take_usages(CertificateContent& content, const x509::ExtensionSet& extensions) {
  if (extensions.key_usage) content.key_usage = *extensions.key_usage;
  if (extensions.extended_key_usage) content.extended_key_usage = *extensions.extended_key_usage;
}

Result<void> check_subject(const CertificateContent& content) {
  if (!content.subject.empty()) return {};
  return invalid("common_name", "subject",
                 {"a CA needs a subject: certificates name their issuer by it"});
}

Result<void> check_csr(const IssueRequest& request) {
  if (request.csr != nullptr) return {};
  return invalid("csr", "csr", {"\"csr\" is empty"});
}

Result<CertificateContent> decide_authority(const AuthorityRequest& request,
                                            const IssuerFacts& issuer, std::string_view profile,
                                            TimePoint now, Warnings& warnings) {
  const CompiledProfile compiled = TRY(authority_profile(request, issuer, profile));
  CertificateContent content = TRY(decide(compiled, request.content, issuer, now, warnings));
  content.subject_key_id = request.subject_key_id;
  return content;
}

}  // namespace

Result<Decision> authorize_root(access::Grant grant, const AuthorityRequest& request,
                                const Limits& limits, TimePoint now) {
  IssuerFacts itself;
  itself.not_after = kLastMoment;
  itself.limits = limits;
  Warnings warnings;
  CertificateContent content = TRY(decide_authority(request, itself, "root-ca", now, warnings));
  TRY(check_subject(content));
  if (content.basic_constraints->path_length == 0U) {
    warnings.emplace_back(
        "Max path length of the generated certificate is zero. This certificate cannot be used to "
        "issue intermediate CA certificates.");
  }
  return Decision{Authorization(std::move(grant), std::move(content)), std::move(warnings)};
}

namespace {

// Where it ends is decided at the end: with the issuer at the latest.
IssuerFacts without_end(const IssuerFacts& issuer) {
  IssuerFacts unbounded = issuer;
  unbounded.not_after = kLastMoment;
  return unbounded;
}

Result<CertificateContent> decide_intermediate(const AuthorityRequest& request,
                                               const IssuerFacts& issuer, TimePoint now,
                                               Warnings& warnings) {
  TRY(check_csr(request.content));
  const IssuerFacts unbounded = without_end(issuer);
  CertificateContent content =
      TRY(decide_authority(request, unbounded, "issuing-ca", now, warnings));
  if (content.not_after > issuer.not_after) {
    content.not_after = issuer.not_after;
    warnings.push_back("the certificate would outlive its issuer, so it ends with it, at " +
                       rfc3339(issuer.not_after));
  }
  TRY(check_validity({content.not_before, content.not_after}));
  if (request.use_csr_values) {
    const x509::CertificationRequest& csr = *request.content.csr;
    take_names(content, csr.subject(), csr.subject_alt_names());
    add_extras(content, copy_extensions(csr.extensions()));
  }
  TRY(check_subject(content));
  if (content.basic_constraints->path_length == 0U) {
    warnings.emplace_back(
        "Max path length of the signed certificate is zero. This certificate cannot be used to "
        "issue intermediate CA certificates.");
  }
  return content;
}

Result<void> outcome_of(const auto& result) {
  if (result) return {};
  return std::unexpected(result.error());
}

// conclude says what the whole decision was: it is what counts, and the findings say why.
void conclude(Result<CertificateContent> content, Explanation& explanation) {
  const bool refused = std::ranges::any_of(explanation.findings, [](const Finding& one) {
    return one.verdict == Finding::Verdict::kRefuses;
  });
  if (!content && !refused)
    explanation.findings.push_back(finding("content", "", std::unexpected(content.error())));
  if (content && !refused) explanation.content = *std::move(content);
}

}  // namespace

Result<Decision> authorize_intermediate(access::Grant grant, const AuthorityRequest& request,
                                        const IssuerFacts& issuer, TimePoint now) {
  Warnings warnings;
  CertificateContent content = TRY(decide_intermediate(request, issuer, now, warnings));
  return Decision{Authorization(std::move(grant), std::move(content)), std::move(warnings)};
}

Explanation explain_intermediate(const access::Grant& grant, const AuthorityRequest& request,
                                 const IssuerFacts& issuer, TimePoint now) {
  Explanation explanation;
  const auto ask = [&](std::string_view rule, std::string_view field, const auto& result) {
    explanation.findings.push_back(finding(rule, field, outcome_of(result)));
  };
  ask("csr", "csr", check_csr(request.content));
  ask("issuer_path_length", "max_path_length", path_length(request, issuer));
  ask("name_constraints", "permitted_dns_domains", name_constraints(request));
  const auto compiled = compile(authority_role(request, "issuing-ca"));
  ask("usages", "key_usage", compiled);
  if (compiled && request.content.csr != nullptr) {
    const Explanation rest = explain(grant, *compiled, request.content, without_end(issuer), now);
    explanation.findings.insert(explanation.findings.end(), rest.findings.begin(),
                                rest.findings.end());
  }
  conclude(decide_intermediate(request, issuer, now, explanation.warnings), explanation);
  return explanation;
}

Result<CertificateContent> requested_content(const AuthorityRequest& request, const Limits& limits,
                                             TimePoint now, std::vector<std::string>& warnings) {
  IssuerFacts unknown;
  unknown.not_after = kLastMoment;
  unknown.limits = limits;
  return decide_authority(request, unknown, "issuing-ca", now, warnings);
}

namespace {

Result<CertificateContent> decide_verbatim(const Role& role, const IssueRequest& request,
                                           const IssuerFacts& issuer, TimePoint now,
                                           Warnings& warnings) {
  TRY(check_csr(request));
  const x509::CertificationRequest& csr = *request.csr;
  CompiledProfile compiled = TRY(compile(role));
  TRY(check_key(compiled, csr.public_key()));
  TRY(check_name_count(role, request));
  const Validity validity = TRY(decide_validity(role, request, issuer, now, warnings));
  TRY(check_validity(validity));

  CertificateContent content;
  content.profile = role.name;
  content.public_key = csr.public_key();
  content.not_before = validity.not_before;
  content.not_after = validity.not_after;
  content.key_usage = compiled.key_usage;
  content.extended_key_usage = compiled.extended_key_usage;
  content.basic_constraints = compiled.basic_constraints;
  content.signature_bits = role.signature_bits;
  content.use_pss = role.use_pss;
  content.no_store = role.no_store;
  take_names(content, csr.subject(), csr.subject_alt_names());
  take_usages(content, csr.extensions());
  content.key_usage.remove(x509::KeyUsageBit::kKeyCertSign);  // it is no CA, whatever it asks for
  content.key_usage.remove(x509::KeyUsageBit::kCrlSign);
  add_extras(content, copy_extensions(csr.extensions()));
  TRY(check_named(content));
  warn_of_csr(compiled, request, warnings);
  return content;
}

}  // namespace

Result<Decision> authorize_verbatim(access::Grant grant, const Role& role,
                                    const IssueRequest& request, const IssuerFacts& issuer,
                                    TimePoint now) {
  Warnings warnings;
  CertificateContent content = TRY(decide_verbatim(role, request, issuer, now, warnings));
  return Decision{Authorization(std::move(grant), std::move(content)), std::move(warnings)};
}

Explanation explain_verbatim(const Role& role, const IssueRequest& request,
                             const IssuerFacts& issuer, TimePoint now) {
  Explanation explanation;
  const auto ask = [&](std::string_view rule, std::string_view field, const auto& result) {
    explanation.findings.push_back(finding(rule, field, outcome_of(result)));
  };
  ask("csr", "csr", check_csr(request));
  const auto compiled = compile(role);
  ask("usages", "key_usage", compiled);
  if (compiled && request.csr != nullptr)
    ask("key_type", "csr", check_key(*compiled, request.csr->public_key()));
  ask("count", "alt_names", check_name_count(role, request));
  Warnings unused;
  const auto validity = decide_validity(role, request, issuer, now, unused);
  ask("max_ttl", "ttl", validity);
  if (validity) ask("validity", "not_after", check_validity(*validity));
  conclude(decide_verbatim(role, request, issuer, now, explanation.warnings), explanation);
  return explanation;
}

Result<void> check_self_issued(const x509::Certificate& certificate) {
  if (!certificate.is_ca()) {
    return refused("certificate", "ca", {"given certificate is not a CA certificate"});
  }
  if (certificate.is_self_issued()) return {};
  return refused("certificate", "self_issued", {"given certificate is not self-issued"});
}

Result<Decision> authorize_self_issued(access::Grant grant, const x509::Certificate& certificate,
                                       const IssuerFacts& issuer, TimePoint now) {
  TRY(check_self_issued(certificate));
  CertificateContent content;
  content.profile = "self-issued";
  content.public_key = TRY(certificate.public_key());
  const CompiledProfile any_key = TRY(compile(authority_role({}, content.profile)));
  TRY(check_key(any_key, *content.public_key));
  content.not_before =
      std::max(certificate.not_before(), issuer.not_before.value_or(certificate.not_before()));
  content.not_after = std::min(certificate.not_after(), issuer.not_after);
  if (content.not_after <= now) {
    return refused("certificate", "expired", {"given certificate has expired"});
  }
  Warnings warnings;
  if (content.not_after < certificate.not_after()) {
    warnings.push_back("the certificate would outlive its issuer, so it ends with it, at " +
                       rfc3339(issuer.not_after));
  }
  take_names(content, certificate.subject(), certificate.subject_alt_names());
  // Roots may say nothing of usages (RFC 5280 section 4.2.1.3); below another CA it has to be said.
  content.key_usage = {x509::KeyUsageBit::kKeyCertSign, x509::KeyUsageBit::kCrlSign};
  take_usages(content, certificate.extensions());
  content.basic_constraints = certificate.extensions().basic_constraints;
  if (const auto id = certificate.subject_key_id()) content.subject_key_id = to_bytes(*id);
  add_extras(content, copy_extensions(certificate.extensions()));
  TRY(check_subject(content));
  return Decision{Authorization(std::move(grant), std::move(content)), std::move(warnings)};
}

Result<crypto::KeyType> authority_key_type(std::string_view type, std::int64_t bits) {
  const RoleKeyType family = TRY(parse_role_key_type(type));
  if (family == RoleKeyType::kAny)
    return invalid("key_type", "key_type", {"unknown key type: any"});
  if (bits < 0 || bits > 65'536) {
    return invalid("key_bits", "key_bits", {"unsupported bit length: ", std::to_string(bits)});
  }
  return key_type_of(family, TRY(resolve_key_bits(family, static_cast<unsigned>(bits))));
}

}  // namespace chancery::policy
