#include "access/certificate_status.h"

#include <algorithm>

#include "base/text.h"
#include "x509/ocsp.h"
#include "x509/oids.h"
#include "x509/path/validate.h"

namespace chancery::access {
namespace {

using x509::path::Rule;

enum class Word : std::uint8_t { kGood, kRevoked, kSilence };

std::vector<std::string> servers_of(const x509::Certificate& certificate, const OcspRules& rules) {
  std::vector<std::string> servers = rules.servers;
  const auto& access = certificate.extensions().authority_info_access;
  if (servers.empty() && access) {
    for (const x509::AccessDescription& one : *access) {
      if (one.method == x509::oids::kOcsp && one.location.kind() == x509::GeneralName::Kind::kUri)
        servers.emplace_back(one.location.text());
    }
  }
  if (servers.size() > kMostOcspServers) servers.resize(kMostOcspServers);
  return servers;
}

// read checks an answer by the certificate's issuer, or a responder that the issuer let.
Word read(std::span<const x509::Certificate> path, const x509::OcspResponse& response,
          std::span<const x509::CertificateList> crls, TimePoint now) {
  x509::path::RevocationInputs inputs;
  inputs.mode = x509::path::RevocationMode::kIfAvailable;
  inputs.crls = crls;
  inputs.ocsp = {&response, 1};
  const x509::path::Limits limits;
  x509::path::Budget budget(limits);
  x509::path::SignatureChecks signatures(budget);
  x509::path::Findings findings;
  x509::path::check_revocation(path.first(2), inputs, now, signatures, findings);
  if (findings.has(Rule::kRevoked)) return Word::kRevoked;
  return findings.has(Rule::kRevocationUnknown) ? Word::kSilence : Word::kGood;
}

bool signed_by(const x509::OcspResponse& response, const x509::Certificate& signer) {
  const auto key = signer.public_key();
  return key && response.verify_signature(*key).has_value();
}

// has_trusted_signer: one of `trusted` signed the response, or a responder of theirs.
bool has_trusted_signer(const x509::OcspResponse& response,
                        const std::vector<x509::Certificate>& trusted, TimePoint now) {
  const auto is_current = [&](const x509::Certificate& one) {
    return one.not_before() <= now && now <= one.not_after();
  };
  if (std::ranges::any_of(trusted, [&](const x509::Certificate& one) {
        return is_current(one) && signed_by(response, one);
      }))
    return true;
  x509::path::TrustStore anchors;
  for (const x509::Certificate& one : trusted) anchors.add(one);
  x509::path::Options options;
  options.time = now;
  options.purpose = x509::path::Purpose::kOcspSigning;
  return std::ranges::any_of(response.certificates, [&](BytesView der) {
    const auto responder = x509::Certificate::parse(der);
    return responder && signed_by(response, *responder) &&
           x509::path::validate(*responder, anchors, {}, options).valid;
  });
}

// read_foreign checks an answer by somebody whom the role names.
Word read_foreign(std::span<const x509::Certificate> path, const x509::OcspResponse& response,
                  const OcspRules& rules, TimePoint now) {
  const auto trusted = x509::Certificate::all_from_pem(rules.ca_certificates);
  const auto key = path[1].public_key();
  if (!trusted || !key || !has_trusted_signer(response, *trusted, now)) return Word::kSilence;
  const x509::IssuerHashes hashes = x509::issuer_hashes(path[1].subject(), *key);
  constexpr seconds kLongest = std::chrono::hours(24);  // of an answer without nextUpdate
  constexpr seconds kSkew = std::chrono::minutes(5);
  for (const x509::OcspResponse::Entry& entry : response.entries) {
    if (!equal(entry.id.serial, path[0].serial()) || !hashes.matches(entry.id)) continue;
    const TimePoint until = entry.next_update.value_or(entry.this_update + kLongest);
    if (entry.this_update > now + kSkew || now > until) continue;
    if (entry.status == x509::CertStatus::kRevoked) return Word::kRevoked;
    if (entry.status == x509::CertStatus::kGood) return Word::kGood;
  }
  return Word::kSilence;
}

}  // namespace

bool listed_as_revoked(std::span<const x509::Certificate> path,
                       std::span<const x509::CertificateList> crls, TimePoint now) {
  if (path.size() == 1) {
    return std::ranges::any_of(crls, [&](const x509::CertificateList& crl) {
      return matches(crl.issuer(), path[0].issuer()) && crl.find(path[0].serial()).has_value();
    });
  }
  const x509::path::Limits limits;
  x509::path::Budget budget(limits);
  x509::path::SignatureChecks signatures(budget);
  return std::ranges::any_of(crls, [&](const x509::CertificateList& crl) {
    if (!crl.next_update()) return false;
    x509::path::RevocationInputs inputs;
    inputs.mode = x509::path::RevocationMode::kIfAvailable;
    inputs.crls = {&crl, 1};
    x509::path::Findings findings;
    const TimePoint then = std::max(crl.this_update(), std::min(now, *crl.next_update()));
    x509::path::check_revocation(path, inputs, then, signatures, findings);
    return findings.has(Rule::kRevoked);
  });
}

Result<void> ask_ocsp(std::span<const x509::Certificate> path, const OcspRules& rules,
                      std::span<const x509::CertificateList> crls, StatusSource* source,
                      TimePoint now, const OnLane& on_lane) {
  const auto key = TRY(path[1].public_key());
  const Bytes id = x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, path[1].subject(), key,
                                        path[0].serial());
  const Bytes request = x509::encode_ocsp_request({&id, 1}, {});
  const auto servers = servers_of(path[0], rules);
  std::string why = servers.empty() ? "neither it nor the role names an OCSP server" : "";
  bool good = false;
  for (const std::string& server : servers) {
    if (source == nullptr) return fail(Code::kUnsupported, "this server asks nobody by OCSP");
    Word word = Word::kSilence;
    if (const auto answer = source->ocsp(server, request, on_lane); !answer) {
      why = answer.error().detail;
    } else if (const auto response = x509::OcspResponse::parse(*answer); !response) {
      why = server + " answers with something else than an OCSP response";
    } else {
      word = read(path, *response, crls, now);
      if (word == Word::kSilence) word = read_foreign(path, *response, rules, now);
      if (word == Word::kSilence)
        why = "the answer of " + server + " (" + std::string(name(response->status)) +
              ") tells nothing that can be believed";
    }
    if (word == Word::kRevoked) return fail(Code::kRefused, "the certificate is revoked");
    good = good || word == Word::kGood;
    if (good && !rules.query_all_servers) return {};
    if (word == Word::kSilence && rules.query_all_servers && !rules.fail_open)
      return fail(Code::kUnavailable, why);
  }
  if (good || rules.fail_open) return {};
  return fail(Code::kUnavailable, why);
}

}  // namespace chancery::access
