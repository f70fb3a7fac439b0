#pragma once

#include <cstddef>
#include <span>

#include "x509/certificate.h"
#include "x509/path/budget.h"
#include "x509/path/findings.h"

namespace chancery::x509::path {

// check_name_constraints applies the name constraints of every issuer in `path` (target first) to
// the names of the certificates below it; self-issued intermediates are exempt (RFC 5280 section
// 6.1.3 (b), (c)). Supported forms: DNS, e-mail (with SmtpUTF8Mailbox), URI, IP, directory name,
// user principal name. A name of any other form that an issuer constrains is an error, and so is a
// malformed name or constraint where the two meet: nothing passes for not being understood.
// Costs names × constraints, bounded by the budget.
void check_name_constraints(std::span<const Certificate> path, Budget& budget, Findings& findings);

}  // namespace chancery::x509::path
