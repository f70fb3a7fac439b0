#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "asn1/oid.h"
#include "x509/extensions.h"

// The extensions that only policy processing reads (RFC 5280 sections 4.2.1.5, 4.2.1.11 and
// 4.2.1.14). Internal to this folder.
namespace chancery::x509::path {

struct PolicyMapping {
  asn1::Oid issuer_policy;
  asn1::Oid subject_policy;
};

// SkipCerts values over the bound are kept as the bound: no path is that long.
inline constexpr std::uint32_t kMaxSkipCerts = 1'000'000;

struct PolicyExtensions {
  std::vector<PolicyMapping> mappings;
  std::optional<std::uint32_t> require_explicit_policy;
  std::optional<std::uint32_t> inhibit_policy_mapping;
  std::optional<std::uint32_t> inhibit_any_policy;
};

// read_policy_extensions decodes what of them is in `extensions`. Errors: kMalformed, kTooLarge
// (over kMaxExtensionItems mappings).
[[nodiscard]] Result<PolicyExtensions> read_policy_extensions(const ExtensionSet& extensions);

}  // namespace chancery::x509::path
