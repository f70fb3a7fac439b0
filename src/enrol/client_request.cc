#include "enrol/client_request.h"

#include "base/text.h"

namespace chancery::enrol {
namespace {

std::unexpected<Error> refuse(Code code, std::string_view detail, std::string_view field) {
  return std::unexpected(Error{code, std::string(detail), {}, {}}.with("field", field));
}

std::unexpected<Error> cannot_issue(std::string detail, std::string_view rule) {
  return std::unexpected(Error{Code::kInvalidArgument, std::move(detail), {}, {}}
                             .with("field", "issuer_ref")
                             .with("rule", rule));
}

std::unexpected<Error> cannot_fetch(std::string_view why, std::string_view rule) {
  return cannot_issue("could not fetch the CA certificate (was one set?): " + std::string(why),
                      rule);
}

}  // namespace

Result<x509::CertificationRequest> read_request(std::string_view pem) {
  if (trim(pem).empty()) return refuse(Code::kInvalidArgument, "\"csr\" is empty", "csr");
  if (!pem.contains("-----BEGIN ")) {
    return refuse(Code::kMalformed, "csr contains no data", "csr");
  }
  auto request = x509::CertificationRequest::from_pem(pem);
  if (!request) {
    Error error = std::move(request).error();
    if (error.code == Code::kNotFound) error.code = Code::kMalformed;  // no whole PEM block
    error.detail = "certificate request could not be parsed: " + error.detail;
    return std::unexpected(std::move(error).with("field", "csr"));
  }
  return request;
}

Result<x509::CertificationRequest> read_request(const ClientKey& key) {
  if (const auto* const read = std::get_if<x509::CertificationRequest>(&key.csr)) return *read;
  return read_request(std::get<std::string>(key.csr));
}

Result<void> prove_possession(const x509::CertificationRequest& request) {
  auto proven = request.verify_signature();
  if (proven) return {};
  Error error = std::move(proven).error();
  if (error.code == Code::kRefused) {
    error.detail = "request signature invalid";
    error = std::move(error).with("rule", "proof_of_possession");
  }
  return std::unexpected(std::move(error).with("field", "csr"));
}

Result<std::shared_ptr<const ca::Authority>> issuing_authority(ca::Service& service,
                                                               const record::Scope& scope,
                                                               std::string_view ref) {
  auto found = service.authority(scope, ref);
  if (!found && found.error().code == Code::kNotFound) {
    return cannot_fetch(ref == "default"
                            ? std::string("no default issuer currently configured")
                            : "unable to find PKI issuer for reference: " + printable(ref),
                        "issuer_absent");
  }
  if (!found) return found;
  const ca::Authority& authority = **found;
  if (authority.signer() == nullptr) {
    return cannot_fetch("unable to fetch corresponding key for issuer " + authority.id() +
                            "; unable to use this issuer for signing",
                        "issuer_key");
  }
  if (auto allowed = authority.may(ca::Usage::kIssuing); !allowed) {
    return cannot_issue("error fetching CA certificate: " + allowed.error().detail, "usage");
  }
  if (!authority.urls()) {
    return cannot_issue("error fetching CA certificate: unable to fetch AIA URL information: " +
                            authority.urls().error().detail,
                        "urls");
  }
  return found;
}

}  // namespace chancery::enrol
