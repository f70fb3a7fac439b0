#include "x509/path/dns_name.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::x509::path {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 253;

bool is_label_character(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel &&
         std::ranges::all_of(label, is_label_character);
}

}  // namespace

bool is_dns_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxName) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_wildcard_name(std::string_view text) {
  return text.starts_with("*.") && is_dns_name(text.substr(2));
}

bool ends_with_labels(std::string_view name, std::string_view suffix) {
  if (suffix.size() > name.size()) return false;
  if (!equal_ignoring_case(name.substr(name.size() - suffix.size()), suffix)) return false;
  return suffix.size() == name.size() || suffix.empty() ||
         name[name.size() - suffix.size() - 1] == '.';
}

bool matches_host(std::string_view presented, std::string_view host) {
  if (is_dns_name(presented)) return equal_ignoring_case(presented, host);
  if (!is_wildcard_name(presented)) return false;
  const std::string_view parent = presented.substr(2);
  const std::size_t dot = host.find('.');
  return parent.find('.') != std::string_view::npos && dot != std::string_view::npos &&
         equal_ignoring_case(host.substr(dot + 1), parent);
}

}  // namespace chancery::x509::path
