#include "base/bytes.h"

#include <algorithm>
#include <array>

namespace chancery {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kStandardAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> reverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr auto kStandardReverse = reverse(kStandardAlphabet);
constexpr auto kUrlReverse = reverse(kUrlAlphabet);

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool equal(BytesView a, BytesView b) { return std::ranges::equal(a, b); }

bool constant_time_equal(BytesView a, BytesView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

std::string hex(BytesView bytes, char separator) {
  std::string text;
  text.reserve(bytes.size() * 3);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (separator != 0 && i > 0) text.push_back(separator);
    text.push_back(kHexDigits[bytes[i] >> 4]);
    text.push_back(kHexDigits[bytes[i] & 0x0f]);
  }
  return text;
}

Result<Bytes> parse_hex(std::string_view text, bool allow_separators) {
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  std::size_t i = 0;
  while (i < text.size()) {
    if (allow_separators && !bytes.empty() && (text[i] == ':' || text[i] == '-')) ++i;
    if (i + 2 > text.size()) return fail(Code::kMalformed, "hex text ends within a byte");
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return fail(Code::kMalformed, "not a hex digit");
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    i += 2;
  }
  return bytes;
}

std::string base64(BytesView bytes, Base64 alphabet) {
  const std::string_view digits = alphabet == Base64::kUrl ? kUrlAlphabet : kStandardAlphabet;
  const std::size_t rest = bytes.size() % 3;
  const std::size_t tail = rest == 0 ? 0 : alphabet == Base64::kStandard ? 4 : rest + 1;
  // Written in place: one push_back a character costs more than all the rest of a PEM.
  std::string text(bytes.size() / 3 * 4 + tail, '=');
  char* out = text.data();
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const auto group =
        static_cast<std::uint32_t>(bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]);
    *out++ = digits[group >> 18];
    *out++ = digits[group >> 12 & 63];
    *out++ = digits[group >> 6 & 63];
    *out++ = digits[group & 63];
  }
  if (rest == 0) return text;
  const auto group =
      static_cast<std::uint32_t>(bytes[i] << 16 | (rest == 2 ? bytes[i + 1] << 8 : 0));
  *out++ = digits[group >> 18];
  *out++ = digits[group >> 12 & 63];
  if (rest == 2) *out++ = digits[group >> 6 & 63];
  return text;
}

Result<Bytes> parse_base64(std::string_view text, Base64 alphabet) {
  const auto& table = alphabet == Base64::kUrl ? kUrlReverse : kStandardReverse;
  if (alphabet == Base64::kStandard) {
    if (text.size() % 4 != 0) return fail(Code::kMalformed, "base64 length is not a multiple of 4");
    if (text.ends_with("==")) {
      text.remove_suffix(2);
    } else if (text.ends_with("=")) {
      text.remove_suffix(1);
    }
  }
  if (text.size() % 4 == 1) return fail(Code::kMalformed, "base64 text has an impossible length");
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t accumulator = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = table[static_cast<std::uint8_t>(c)];
    if (value < 0) return fail(Code::kMalformed, "not a base64 character");
    accumulator = accumulator << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(accumulator >> bits));
    }
  }
  if ((accumulator & ((1U << bits) - 1)) != 0) {
    return fail(Code::kMalformed, "base64 text has non-zero trailing bits");
  }
  return bytes;
}

}  // namespace chancery
