#include "protocols/json/writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace chancery::json {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto octet = static_cast<unsigned char>(c);
  out += "\\u00";
  out.push_back(kHexDigits[octet >> 4]);
  out.push_back(kHexDigits[octet & 0x0f]);
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!needs_escape(text[at])) continue;
    out.append(text, start, at - start);
    append_escape(out, text[at]);
    start = at + 1;
  }
  out.append(text, start);
}

}  // namespace

Writer& Writer::open(char bracket) {
  separate();
  out_.push_back(bracket);
  comma_ = false;
  return *this;
}

Writer& Writer::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
  return *this;
}

Writer& Writer::literal(std::string_view text) {
  separate();
  out_ += text;
  comma_ = true;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  string(name);
  out_.push_back(':');
  comma_ = false;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  out_.push_back('"');
  if (std::ranges::any_of(text, is_high) && !is_valid_utf8(text)) {
    std::string ascii(text);
    std::ranges::replace_if(ascii, is_high, '?');
    append_escaped(out_, ascii);
  } else {
    append_escaped(out_, text);
  }
  out_.push_back('"');
  comma_ = true;
  return *this;
}

Writer& Writer::number(std::int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return literal({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Writer& Writer::field(std::string_view name, const std::vector<std::string>& texts) {
  key(name).begin_array();
  for (const std::string& text : texts) string(text);
  return end_array();
}

}  // namespace chancery::json
