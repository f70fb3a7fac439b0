#pragma once

#include <cstddef>

#include "base/time.h"
#include "x509/certificate.h"
#include "x509/path/findings.h"

// Checks of one certificate that do not depend on the others of a path. Internal to this folder.
namespace chancery::x509::path {

// check_certificate looks at validity and critical extensions of the certificate at `index`.
void check_certificate(const Certificate& certificate, std::size_t index, TimePoint time,
                       Findings& findings);
// check_issuer wants a certificate that may sign others; an anchor of version 1 or 2, which cannot
// say so, passes.
void check_issuer(const Certificate& issuer, std::size_t index, bool is_anchor, Findings& findings);
// authority_key_id_fits compares the child's pointer to its issuer with the issuer; true where
// either does not say.
[[nodiscard]] bool authority_key_id_fits(const Certificate& child, const Certificate& issuer);

}  // namespace chancery::x509::path
