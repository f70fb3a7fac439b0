#include "protocols/json/writer.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace chancery::json {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// every_byte repeats an octet in a word.
constexpr std::uint64_t every_byte(std::uint8_t octet) { return 0x0101010101010101ULL * octet; }

// has_zero is not 0 when a byte of the word is 0; bytes over 0x80 may count as well.
constexpr std::uint64_t has_zero(std::uint64_t word) {
  return (word - every_byte(1)) & ~word & every_byte(0x80);
}

// first_special counts the plain bytes at the start of eight: those that are no control character,
// quote, backslash or part of what is not ASCII. The lowest mark is exact; a borrow can only add
// marks above it.
std::size_t first_special(const char* bytes) {
  static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t control = (word - every_byte(0x20)) & ~word;
  const std::uint64_t quote = has_zero(word ^ every_byte('"'));
  const std::uint64_t backslash = has_zero(word ^ every_byte('\\'));
  const std::uint64_t marks = (control | word | quote | backslash) & every_byte(0x80);
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

// next_special finds what needs attention at or after `at`; the size when there is nothing.
std::size_t next_special(std::string_view text, std::size_t at) {
  for (; at + 8 <= text.size(); at += 8) {
    const std::size_t plain = first_special(text.data() + at);
    if (plain < 8) return at + plain;
  }
  while (at < text.size() && !needs_escape(text[at]) && !is_high(text[at])) ++at;
  return at;
}

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

// append_escaped writes valid UTF-8 as it is; of other text it replaces what is not ASCII.
void append_escaped(std::string& out, std::string_view text) {
  bool checked = false;
  bool utf8 = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t stop = next_special(text, at);
    out.append(text, at, stop - at);
    if (stop == text.size()) return;
    if (!is_high(text[stop])) {
      append_escape(out, text[stop]);
    } else {
      if (!std::exchange(checked, true)) utf8 = is_valid_utf8(text);
      out.push_back(utf8 ? text[stop] : '?');
    }
    at = stop + 1;
  }
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
  append_escaped(out_, text);
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
