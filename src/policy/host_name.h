#pragma once

#include <optional>
#include <string_view>

// The syntax of host names as OpenBao checks it. Internal to this folder.
namespace chancery::policy {

// is_host_name: labels of letters, digits and inner hyphens (RFC 1123), a "*." before them and a
// dot behind allowed.
[[nodiscard]] bool is_host_name(std::string_view text);
// looks_like_host_name is the same, with every character outside ASCII taken for a letter.
[[nodiscard]] bool looks_like_host_name(std::string_view text);
// is_wildcard_label: one '*' alone, or in, before or behind a label (RFC 6125 section 6.4.3).
[[nodiscard]] bool is_wildcard_label(std::string_view label);

// idna_fault returns the part of a name that IDNA refuses, or nothing: empty labels, a label over
// 63 octets, a trailing dot, a name over 253 octets, an A-label that is not punycode (RFC 3492),
// and every label outside ASCII: U-labels are not converted here, since that needs Unicode's
// mapping tables.
[[nodiscard]] std::optional<std::string_view> idna_fault(std::string_view name);

[[nodiscard]] bool is_ascii(std::string_view text);

}  // namespace chancery::policy
