#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "ca/service.h"
#include "x509/csr.h"

namespace chancery::enrol {

// ClientKey: the client has a key and proves it with a PKCS#10 request, in PEM or as it was read.
struct ClientKey {
  std::variant<std::string, x509::CertificationRequest> csr;
};

// read_request parses a client's PKCS#10 request in PEM. Errors: kInvalidArgument, kMalformed, in
// Vault's words.
[[nodiscard]] Result<x509::CertificationRequest> read_request(std::string_view pem);
[[nodiscard]] Result<x509::CertificationRequest> read_request(const ClientKey& key);

// prove_possession checks that the request has its key's signature. Errors: kRefused,
// kUnsupported, kInvalidArgument.
[[nodiscard]] Result<void> prove_possession(const x509::CertificationRequest& request);

// issuing_authority finds an authority by "default", name or id that can issue now: its key is here
// and it is to be used so. Errors: kInvalidArgument, kRefused, in Vault's words, with the field
// issuer_ref.
[[nodiscard]] Result<std::shared_ptr<const ca::Authority>> issuing_authority(
    ca::Service& service, const record::Scope& scope, std::string_view ref);

}  // namespace chancery::enrol
