#include "policy/uri.h"

#include <algorithm>

#include "x509/general_name.h"

namespace chancery::policy {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

// unreserved, sub-delims, and the delimiters in `more`.
bool is_allowed(char c, std::string_view more) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=";
  return is_letter(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos ||
         more.find(c) != std::string_view::npos;
}

bool has_only(std::string_view text, std::string_view more) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_allowed(text[i], more)) {
      return false;
    }
  }
  return true;
}

bool is_port(std::string_view text) { return std::ranges::all_of(text, is_digit); }

bool is_authority(std::string_view text) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (!has_only(text.substr(0, at), ":")) return false;
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !x509::parse_ip(text.substr(1, close - 1))) return false;
    text.remove_prefix(close + 1);
    return text.empty() || (text.front() == ':' && is_port(text.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (!has_only(text.substr(0, colon), "")) return false;
  return colon == std::string_view::npos || is_port(text.substr(colon + 1));
}

}  // namespace

bool is_absolute_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) return false;
  std::string_view rest = text.substr(colon + 1);
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    if (!is_authority(rest.substr(0, end))) return false;
    rest.remove_prefix(end);
  }
  const std::size_t hash = std::min(rest.find('#'), rest.size());
  if (!has_only(rest.substr(0, hash), ":@/?")) return false;
  return hash == rest.size() || has_only(rest.substr(hash + 1), ":@/?");
}

}  // namespace chancery::policy
