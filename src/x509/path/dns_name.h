#pragma once

#include <string_view>

// DNS names as certificates hold them. Internal to this folder.
namespace chancery::x509::path {

// is_dns_name wants 1..127 labels of letters, digits, '-' and '_', 1..63 long, 253 in all, without
// a trailing dot. is_wildcard_name wants one with "*" as its whole first label and at least one
// label more.
[[nodiscard]] bool is_dns_name(std::string_view text);
[[nodiscard]] bool is_wildcard_name(std::string_view text);

// ends_with_labels says whether `name` is `suffix` or a name below it, ignoring case.
[[nodiscard]] bool ends_with_labels(std::string_view name, std::string_view suffix);

// matches_host compares a certificate's dNSName with a host name (RFC 9525 section 6.3): equal
// ignoring case, or "*" standing for exactly one label of the host, with at least two behind it.
[[nodiscard]] bool matches_host(std::string_view presented, std::string_view host);

}  // namespace chancery::x509::path
