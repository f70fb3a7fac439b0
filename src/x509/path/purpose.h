#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "x509/certificate.h"
#include "x509/path/findings.h"

namespace chancery::x509::path {

// Purpose is what the target's key is to be used for.
enum class Purpose : std::uint8_t {
  kAny,  // no check of extended key usages
  kServer,
  kClient,
  kCodeSigning,
  kEmail,
  kTimeStamping,
  kOcspSigning,
};

// name gives "server", "client", "code-signing", "email", "timestamping", "ocsp", "any";
// parse_purpose is the reverse. Errors: kInvalidArgument, with the choices.
[[nodiscard]] std::string_view name(Purpose purpose);
[[nodiscard]] Result<Purpose> parse_purpose(std::string_view text);

// check_purpose wants the target's extended key usage and key usage to fit the purpose, and every
// issuer that has extended key usages, the anchor too, to have this one. A target without the
// extension serves as server, client and for e-mail only; anyExtendedKeyUsage likewise.
void check_purpose(std::span<const Certificate> path, Purpose purpose, Findings& findings);

}  // namespace chancery::x509::path
