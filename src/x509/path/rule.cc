#include "x509/path/rule.h"

#include <algorithm>
#include <array>

namespace chancery::x509::path {
namespace {

struct Entry {
  Rule rule;
  std::string_view name;
  std::string_view section;
};

constexpr std::array kRules{
    Entry{Rule::kTrustAnchor, "trust_anchor", "RFC 5280 6.1.1"},
    Entry{Rule::kIssuerUnknown, "issuer_unknown", "RFC 5280 6.1"},
    Entry{Rule::kNotTrusted, "not_trusted", "RFC 5280 6.1.1"},
    Entry{Rule::kValidity, "validity", "RFC 5280 6.1.3"},
    Entry{Rule::kNotYetValid, "not_yet_valid", "RFC 5280 6.1.3"},
    Entry{Rule::kExpired, "expired", "RFC 5280 6.1.3"},
    Entry{Rule::kVersion, "version", "RFC 5280 6.1.4"},
    Entry{Rule::kCriticalExtensionUnknown, "critical_extension_unknown", "RFC 5280 4.2"},
    Entry{Rule::kExtensionMalformed, "extension_malformed", "RFC 5280 4.2.1"},
    Entry{Rule::kKeyWeak, "key_weak", "local policy"},
    Entry{Rule::kKeyUnsupported, "key_unsupported", "local policy"},
    Entry{Rule::kSignature, "signature", "RFC 5280 6.1.3"},
    Entry{Rule::kSignatureInvalid, "signature_invalid", "RFC 5280 6.1.3"},
    Entry{Rule::kSignatureAlgorithmWeak, "signature_algorithm_weak", "local policy"},
    Entry{Rule::kSignatureAlgorithmUnsupported, "signature_algorithm_unsupported", "local policy"},
    Entry{Rule::kIssuerNameMismatch, "issuer_name_mismatch", "RFC 5280 6.1.3"},
    Entry{Rule::kAuthorityKeyIdMismatch, "authority_key_id_mismatch", "RFC 5280 4.2.1.1"},
    Entry{Rule::kIssuer, "issuer", "RFC 5280 6.1.4"},
    Entry{Rule::kNotACa, "not_a_ca", "RFC 5280 6.1.4"},
    Entry{Rule::kBasicConstraintsNotCritical, "basic_constraints_not_critical", "RFC 5280 4.2.1.9"},
    Entry{Rule::kKeyCertSignMissing, "key_cert_sign_missing", "RFC 5280 6.1.4"},
    Entry{Rule::kPathLengthExceeded, "path_length_exceeded", "RFC 5280 6.1.4"},
    Entry{Rule::kNameConstraints, "name_constraints", "RFC 5280 4.2.1.10"},
    Entry{Rule::kNameNotPermitted, "name_not_permitted", "RFC 5280 6.1.3"},
    Entry{Rule::kNameExcluded, "name_excluded", "RFC 5280 6.1.3"},
    Entry{Rule::kNameMalformed, "name_malformed", "RFC 5280 4.2.1.6"},
    Entry{Rule::kNameConstraintMalformed, "name_constraint_malformed", "RFC 5280 4.2.1.10"},
    Entry{Rule::kNameFormUnsupported, "name_form_unsupported", "RFC 5280 4.2.1.10"},
    Entry{Rule::kPolicies, "policies", "RFC 9618 5"},
    Entry{Rule::kPolicyMissing, "policy_missing", "RFC 9618 5.6"},
    Entry{Rule::kPolicyMappingAny, "policy_mapping_any", "RFC 5280 6.1.4"},
    Entry{Rule::kPurpose, "purpose", "RFC 5280 4.2.1.12"},
    Entry{Rule::kPurposeNotAllowed, "purpose_not_allowed", "RFC 5280 4.2.1.12"},
    Entry{Rule::kPurposeNotAllowedByIssuer, "purpose_not_allowed_by_issuer", "local policy"},
    Entry{Rule::kPurposeKeyUsage, "purpose_key_usage", "RFC 5280 4.2.1.3"},
    Entry{Rule::kPurposeNotCritical, "purpose_not_critical", "RFC 3161 2.3"},
    Entry{Rule::kHost, "host", "RFC 9525 6"},
    Entry{Rule::kHostMismatch, "host_mismatch", "RFC 9525 6"},
    Entry{Rule::kHostNamesMissing, "host_names_missing", "RFC 9525 6"},
    Entry{Rule::kHostMalformed, "host_malformed", "RFC 9525 6"},
    Entry{Rule::kRevocation, "revocation", "RFC 5280 6.3"},
    Entry{Rule::kRevoked, "revoked", "RFC 5280 6.3"},
    Entry{Rule::kRevocationUnknown, "revocation_unknown", "RFC 5280 6.3"},
    Entry{Rule::kCrlUnusable, "crl_unusable", "RFC 5280 6.3.3"},
    Entry{Rule::kOcspUnusable, "ocsp_unusable", "RFC 6960 3.2"},
    Entry{Rule::kPathTooLong, "path_too_long", "local policy"},
    Entry{Rule::kIterationBudget, "iteration_budget", "local policy"},
    Entry{Rule::kSignatureBudget, "signature_budget", "local policy"},
    Entry{Rule::kNameBudget, "name_budget", "local policy"},
    Entry{Rule::kDeadline, "deadline", "local policy"},
};

const Entry& entry(Rule rule) { return *std::ranges::find(kRules, rule, &Entry::rule); }

}  // namespace

std::string_view name(Rule rule) { return entry(rule).name; }
std::string_view section(Rule rule) { return entry(rule).section; }

}  // namespace chancery::x509::path
