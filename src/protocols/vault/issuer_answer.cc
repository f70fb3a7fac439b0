#include "protocols/vault/issuer_answer.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "protocols/vault/envelope.h"

namespace chancery::vault {
namespace {

using enum crypto::SignatureScheme;

struct Algorithm {
  crypto::SignatureScheme scheme;
  std::string_view name;
};

constexpr std::array kAlgorithms{
    Algorithm{kRsaPkcs1Sha256, "SHA256WithRSA"},
    Algorithm{kRsaPkcs1Sha384, "SHA384WithRSA"},
    Algorithm{kRsaPkcs1Sha512, "SHA512WithRSA"},
    Algorithm{kRsaPssSha256, "SHA256WithRSAPSS"},
    Algorithm{kRsaPssSha384, "SHA384WithRSAPSS"},
    Algorithm{kRsaPssSha512, "SHA512WithRSAPSS"},
    Algorithm{kEcdsaSha256, "ECDSAWithSHA256"},
    Algorithm{kEcdsaSha384, "ECDSAWithSHA384"},
    Algorithm{kEcdsaSha512, "ECDSAWithSHA512"},
    Algorithm{kEd25519, "Ed25519"},
    Algorithm{kEd25519, "PureEd25519"},
    Algorithm{kMlDsa44, "MLDSA44"},
    Algorithm{kMlDsa65, "MLDSA65"},
    Algorithm{kMlDsa87, "MLDSA87"},
};

// Vault ends each PEM of its issuer paths with a newline, and no other.
std::vector<std::string> chain_lines(const ca::Authority& authority) {
  std::vector<std::string> chain = authority.chain_pem();
  for (std::string& pem : chain) pem.push_back('\n');
  return chain;
}

// Where an issuer has URLs of its own, those kinds that it has none of are null.
void write_urls(json::Writer& out, std::string_view name, const std::vector<std::string>& urls,
                bool own) {
  if (own && urls.empty()) {
    out.key(name).null();
  } else {
    out.field(name, urls);
  }
}

}  // namespace

void write_issuer_identity(json::Writer& out, const ca::Authority& authority) {
  out.field("ca_chain", chain_lines(authority));
  out.field("certificate", authority.chain_pem().front() + "\n");
  out.field("issuer_id", authority.id()).field("issuer_name", authority.record().name);
}

http::Response issuer_answer(std::string_view request_id, const ca::Authority& authority,
                             const std::vector<std::string>& warnings) {
  const ca::AuthorityRecord& record = authority.record();
  const ca::Urls& urls = record.urls;
  const bool own = !urls.empty();
  Envelope answer(request_id, 8192);
  json::Writer& out = answer.data().begin_object();
  write_issuer_identity(out, authority);
  write_urls(out, "crl_distribution_points", urls.crl_distribution_points, own);
  write_urls(out, "delta_crl_distribution_points", urls.delta_crl_distribution_points, own);
  if (own) out.field("enable_aia_url_templating", urls.templated);
  write_urls(out, "issuing_certificates", urls.issuing_certificates, own);
  out.field("key_id", record.key_id);
  const bool truncates = record.not_after_behavior == ca::NotAfterBehavior::kTruncate;
  out.field("leaf_not_after_behavior", truncates ? "truncate" : "err");
  if (record.manual_chain.empty()) {
    out.key("manual_chain").null();
  } else {
    out.field("manual_chain", record.manual_chain);
  }
  write_urls(out, "ocsp_servers", urls.ocsp_servers, own);
  out.field("revocation_signature_algorithm",
            record.revocation_scheme ? algorithm_name(*record.revocation_scheme) : "");
  if (record.revoked) {
    out.field("revocation_time", to_unix(*record.revoked));
    out.field("revocation_time_rfc3339", rfc3339(*record.revoked));
  }
  out.field("revoked", record.revoked.has_value());
  out.field("usage", ca::to_string(record.usage)).end_object();
  return std::move(answer).finish(warnings);
}

std::string_view algorithm_name(crypto::SignatureScheme scheme) {
  const auto found = std::ranges::find(kAlgorithms, scheme, &Algorithm::scheme);
  return found == kAlgorithms.end() ? std::string_view{} : found->name;
}

Result<crypto::SignatureScheme> algorithm(std::string_view name) {
  for (const Algorithm& known : kAlgorithms) {
    if (equal_ignoring_case(name, known.name)) return known.scheme;
  }
  std::string valid;
  for (const Algorithm& known : kAlgorithms) {
    valid += (valid.empty() ? "" : ", ") + to_lower(known.name);
  }
  return std::unexpected(Error{
      Code::kInvalidArgument,
      "Unknown signature algorithm value: 0 - valid values are " + valid,
      {},
      {}}.with("field", "revocation_signature_algorithm"));
}

}  // namespace chancery::vault
