#pragma once

#include <cstdint>
#include <optional>

#include "x509/certificate.h"
#include "x509/crl.h"

// What a CRL covers (RFC 5280 section 5.2.5). Internal to this folder.
namespace chancery::x509::path {

inline constexpr std::uint16_t kAllReasons = 0x1fe;  // bits 1..8 of ReasonFlags

struct CrlScope {
  bool indirect = false;
  bool only_users = false;
  bool only_authorities = false;
  bool only_attributes = false;
  std::uint16_t reasons = kAllReasons;
  std::vector<GeneralName> names;  // of the distribution point; empty: the issuer's only list
  bool relative_name = false;      // named relative to the issuer: not compared here
};

// read_crl_scope decodes the issuingDistributionPoint. Errors: kMalformed, kTooLarge.
[[nodiscard]] Result<CrlScope> read_crl_scope(const CertificateList& crl);

// covers says whether a list of this scope speaks of `certificate` (RFC 5280 section 6.3.3 (b)).
[[nodiscard]] bool covers(const CrlScope& scope, const Certificate& certificate);

}  // namespace chancery::x509::path
