#include "policy/host_name.h"

#include <algorithm>
#include <cstdint>

namespace chancery::policy {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 253;
constexpr std::string_view kAcePrefix = "xn--";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_letter_or_foreign(char c) {
  return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

template <class IsLetter>
bool is_label(std::string_view label, IsLetter is_letter) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [&](char c) { return c == '-' || is_letter(c); });
}

template <class IsLetter>
bool matches_host_name(std::string_view text, IsLetter is_letter) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot), is_letter)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// The value of a punycode digit, or 36 when it is none.
std::uint32_t punycode_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0') + 26;
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  return 36;
}

std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, std::uint32_t damp) {
  delta /= damp;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > 455; k += 36) delta /= 35;
  return k + 36 * delta / (delta + 38);
}

// Decodes without keeping what comes out (RFC 3492 section 6.2): does `encoded` stand for a label
// with at least one character outside ASCII?
bool is_punycode(std::string_view encoded) {
  const std::size_t last_hyphen = encoded.rfind('-');
  if (last_hyphen == 0) return false;
  std::size_t at = last_hyphen == std::string_view::npos ? 0 : last_hyphen + 1;
  if (at == encoded.size()) return false;  // empty, or nothing but ASCII
  std::uint32_t points = static_cast<std::uint32_t>(at == 0 ? 0 : last_hyphen);
  std::uint32_t bias = 72;
  std::uint64_t code_point = 128;
  std::uint64_t i = 0;
  while (at < encoded.size()) {
    const std::uint64_t before = i;
    std::uint64_t weight = 1;
    for (std::uint32_t k = 36;; k += 36) {
      if (at == encoded.size()) return false;
      const std::uint32_t digit = punycode_digit(encoded[at++]);
      if (digit == 36) return false;
      i += digit * weight;
      const std::uint32_t threshold = std::clamp(k <= bias ? 1U : k - bias, 1U, 26U);
      if (i > 0x7fffffff) return false;
      if (digit < threshold) break;
      weight *= 36 - threshold;
      if (weight > 0x7fffffff) return false;
    }
    ++points;
    bias = adapt(static_cast<std::uint32_t>(i - before), points, before == 0 ? 700 : 2);
    code_point += i / points;
    if (code_point > 0x10ffff) return false;
    i = i % points + 1;
  }
  return true;
}

std::optional<std::string_view> label_fault(std::string_view label) {
  if (!is_ascii(label)) return label;
  if (label.starts_with(kAcePrefix)) {
    const std::string_view encoded = label.substr(kAcePrefix.size());
    if (!is_punycode(encoded)) return encoded;
  }
  return label.size() > kMaxLabel ? std::optional(label) : std::nullopt;
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_host_name(std::string_view text) { return matches_host_name(text, is_letter_or_digit); }

bool looks_like_host_name(std::string_view text) {
  return matches_host_name(text, is_letter_or_foreign);
}

bool is_wildcard_label(std::string_view label) {
  const std::size_t star = label.find('*');
  if (star == std::string_view::npos) return false;
  const std::string_view before = label.substr(0, star);
  const std::string_view behind = label.substr(star + 1);
  return (before.empty() || is_label(before, is_letter_or_digit)) &&
         (behind.empty() || is_label(behind, is_letter_or_digit));
}

std::optional<std::string_view> idna_fault(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.find("..") != std::string_view::npos) return name;
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t dot = rest.find('.');
    if (const auto fault = label_fault(rest.substr(0, dot))) return fault;
    rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  }
  if (name.back() == '.' || name.size() > kMaxName) return name;
  return std::nullopt;
}

}  // namespace chancery::policy
