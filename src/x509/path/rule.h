#pragma once

#include <cstdint>
#include <string_view>

namespace chancery::x509::path {

// Rule names what a Finding is about. The text of name() is stable: golden cases, JSON output and
// scripts of users depend on it.
enum class Rule : std::uint8_t {
  // Where a path leads.
  kTrustAnchor,  // info: the path ends here
  kIssuerUnknown,
  kNotTrusted,  // a self-issued certificate that is no anchor ends the path
  // Each certificate by itself.
  kValidity,  // info
  kNotYetValid,
  kExpired,
  kVersion,
  kCriticalExtensionUnknown,
  kExtensionMalformed,
  kKeyWeak,
  kKeyUnsupported,
  // Each signature.
  kSignature,  // info
  kSignatureInvalid,
  kSignatureAlgorithmWeak,
  kSignatureAlgorithmUnsupported,
  kIssuerNameMismatch,
  kAuthorityKeyIdMismatch,
  // Each issuer.
  kIssuer,  // info
  kNotACa,
  kBasicConstraintsNotCritical,
  kKeyCertSignMissing,
  kPathLengthExceeded,
  // Names.
  kNameConstraints,  // info
  kNameNotPermitted,
  kNameExcluded,
  kNameMalformed,
  kNameConstraintMalformed,
  kNameFormUnsupported,
  // Policies.
  kPolicies,  // info
  kPolicyMissing,
  kPolicyMappingAny,
  // Purpose and host.
  kPurpose,  // info
  kPurposeNotAllowed,
  kPurposeNotAllowedByIssuer,
  kPurposeKeyUsage,
  kPurposeNotCritical,
  kHost,  // info
  kHostMismatch,
  kHostNamesMissing,
  kHostMalformed,
  // Revocation.
  kRevocation,  // info
  kRevoked,
  kRevocationUnknown,
  kCrlUnusable,
  kOcspUnusable,
  // Budgets.
  kPathTooLong,
  kIterationBudget,
  kSignatureBudget,
  kNameBudget,
  kDeadline,
};

// name gives the stable text, such as "expired"; section the paragraph the rule comes from, such as
// "RFC 5280 6.1.3".
[[nodiscard]] std::string_view name(Rule rule);
[[nodiscard]] std::string_view section(Rule rule);

}  // namespace chancery::x509::path
