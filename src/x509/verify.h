#pragma once

#include "base/result.h"
#include "x509/certificate.h"

namespace chancery::x509 {

// verify_signed_by checks that `issuer` signed `child`: the names match, the issuer's key verifies
// the signature and, where the issuer has extensions, basicConstraints and keyUsage let it sign
// certificates. It checks neither validity, constraints nor revocation; that is path validation.
// Errors: kRefused (names, usage, signature), kUnsupported (algorithm), those of
// PublicKey::from_spki.
[[nodiscard]] Result<void> verify_signed_by(const Certificate& child, const Certificate& issuer);

}  // namespace chancery::x509
