#pragma once

#include <string_view>
#include <vector>

#include "asn1/oid.h"
#include "crypto/algorithm.h"
#include "policy/role.h"
#include "x509/extensions.h"

// What a role's certificates may be used for. Internal to this folder.
namespace chancery::policy {

// key_usage reads Go's names without "KeyUsage" ("CertSign"), in any case; unknown ones are passed
// over.
[[nodiscard]] x509::KeyUsage key_usage(const Role& role);

// extended_key_usage joins flags, names and OIDs, in the order in which Go writes them, each once.
// Errors: kInvalidArgument (an OID).
[[nodiscard]] Result<std::vector<asn1::Oid>> extended_key_usage(const Role& role);

// unknown_* return the first listed name that the two above pass over, or "".
[[nodiscard]] std::string_view unknown_key_usage(const Role& role);
[[nodiscard]] std::string_view unknown_extended_key_usage(const Role& role);

// without_impossible takes out what a key of this algorithm cannot do (RFC 3279, 5480, 8410):
// encipherment of keys is RSA's, agreement that of elliptic curves.
[[nodiscard]] x509::KeyUsage without_impossible(x509::KeyUsage usage,
                                                crypto::KeyAlgorithm algorithm);

// policies reads policy_identifiers: OIDs, or JSON objects {"oid", "cps", "notice"}; empty ones are
// passed over, a repeated policy counts once. Errors: kInvalidArgument.
[[nodiscard]] Result<std::vector<x509::PolicyInformation>> policies(const Role& role);

}  // namespace chancery::policy
