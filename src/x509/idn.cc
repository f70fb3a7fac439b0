#include "x509/idn.h"

#include <idn2.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace chancery::x509 {
namespace {

constexpr std::size_t kMaxInput = 1024;  // UTF-8 octets of 253 characters, and some
constexpr std::size_t kMaxHost = 253;

struct Idn2Free {
  void operator()(char* text) const { idn2_free(text); }
};
using Idn2Text = std::unique_ptr<char, Idn2Free>;

bool is_convertible(std::string_view host) {
  return !host.empty() && host.size() <= kMaxInput && !host.contains('\0');
}

bool is_letters_digits_hyphens(std::string_view host) {
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace

std::string a_label_form(std::string_view host) {
  const bool wildcard = host.starts_with("*.");
  if (wildcard) host.remove_prefix(2);
  if (!is_convertible(host) || !is_valid_utf8(host)) return "";
  char* raw = nullptr;
  // Not IDN2_USE_STD3_ASCII_RULES: it drops what it forbids instead of saying so.
  const int status = idn2_to_ascii_8z(std::string(host).c_str(), &raw, IDN2_NONTRANSITIONAL);
  const Idn2Text text(raw);
  if (status != IDN2_OK || text == nullptr) return "";
  std::string out = (wildcard ? "*." : "") + std::string(text.get());
  return out.size() <= kMaxHost && is_letters_digits_hyphens(text.get()) ? out : "";
}

bool a_labels_decode(std::string_view host) {
  const std::string lower = to_lower(host);
  if (!lower.contains("xn--")) return true;
  if (!is_convertible(lower)) return false;
  for (const std::string_view label : split(lower, '.')) {
    if (!label.starts_with("xn--")) continue;
    char* raw = nullptr;
    const int status = idn2_to_unicode_8z8z(std::string(label).c_str(), &raw, 0);
    const Idn2Text text(raw);
    if (status != IDN2_OK || text == nullptr) return false;
    if (a_label_form(text.get()) != label) return false;
  }
  return true;
}

}  // namespace chancery::x509
