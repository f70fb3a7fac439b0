#pragma once

#include <string>

#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/csr.h"

namespace chancery::x509 {

// to_text describes an object for a person at a terminal: "label: value" lines, aligned, ending in
// a newline; foreign text has its control characters replaced. Not for parsing.
[[nodiscard]] std::string to_text(const Certificate& certificate);
[[nodiscard]] std::string to_text(const CertificationRequest& request);
// Shows the first `max_entries` revoked certificates.
[[nodiscard]] std::string to_text(const CertificateList& crl, std::size_t max_entries = 20);

}  // namespace chancery::x509
