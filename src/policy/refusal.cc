#include "policy/refusal.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::policy {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::unexpected<Error> make(Code code, std::string_view field, std::string_view rule,
                            std::initializer_list<std::string_view> detail) {
  Error error{code, {}, {{"field", std::string(field)}, {"rule", std::string(rule)}}, {}};
  for (const std::string_view piece : detail) error.detail += piece;
  return std::unexpected(std::move(error));
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

}  // namespace

std::unexpected<Error> refused(std::string_view field, std::string_view rule,
                               std::initializer_list<std::string_view> detail) {
  return make(Code::kRefused, field, rule, detail);
}

std::unexpected<Error> invalid(std::string_view field, std::string_view rule,
                               std::initializer_list<std::string_view> detail) {
  return make(Code::kInvalidArgument, field, rule, detail);
}

std::string in_quotes(std::string_view text) {
  const bool utf8 = is_valid_utf8(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_control(c) || (!utf8 && static_cast<unsigned char>(c) >= 0x80)) {
      append_escaped(out, static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

Result<void> check_text(std::string_view field, std::string_view value) {
  if (value.size() > kMaxTextSize) {
    return invalid(field, field,
                   {field, " has a value longer than ", std::to_string(kMaxTextSize), " bytes"});
  }
  if (std::ranges::any_of(value, is_control)) {
    return invalid(field, field,
                   {field, " has a value with control characters: ", in_quotes(value)});
  }
  if (!is_valid_utf8(value)) {
    return invalid(field, field, {field, " has a value that is not UTF-8: ", in_quotes(value)});
  }
  return {};
}

}  // namespace chancery::policy
