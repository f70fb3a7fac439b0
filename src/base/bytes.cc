#include "base/bytes.h"

#include <algorithm>
#include <array>

#include "base/secret_bytes.h"

namespace chancery {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kStandardAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using ReverseTable = std::array<std::int8_t, 256>;

constexpr ReverseTable reverse(std::string_view alphabet) {
  ReverseTable table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr auto kStandardReverse = reverse(kStandardAlphabet);
constexpr auto kUrlReverse = reverse(kUrlAlphabet);

// decode_group makes 24 bits of four characters; negative when one of them is not in the alphabet,
// since -1 keeps its sign under every shift here.
std::int32_t decode_group(const ReverseTable& table, const char* four) {
  const auto value = [&](std::size_t i) {
    return std::int32_t{table[static_cast<std::uint8_t>(four[i])]};
  };
  return value(0) << 18 | value(1) << 12 | value(2) << 6 | value(3);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What was decoded so far may be the beginning of a private key.
std::unexpected<Error> spoiled(Bytes& decoded, std::string_view why) {
  wipe(decoded);
  return fail(Code::kMalformed, why);
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
  const std::size_t step = separator == 0 ? 2 : 3;
  std::string text(bytes.size() * step, separator);
  char* out = text.data();
  for (const std::uint8_t byte : bytes) {
    out[0] = kHexDigits[byte >> 4];
    out[1] = kHexDigits[byte & 0x0f];
    out += step;
  }
  if (separator != 0 && !text.empty()) text.pop_back();
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
  // Pointers: checked indices make up half the cost of a PEM.
  const char* const digits = (alphabet == Base64::kUrl ? kUrlAlphabet : kStandardAlphabet).data();
  const std::size_t rest = bytes.size() % 3;
  const std::size_t tail = rest == 0 ? 0 : alphabet == Base64::kStandard ? 4 : rest + 1;
  // Written in place: one push_back a character costs more than all the rest of a PEM.
  std::string text(bytes.size() / 3 * 4 + tail, '=');
  char* out = text.data();
  const std::uint8_t* in = bytes.data();
  for (const std::uint8_t* const end = in + (bytes.size() - rest); in != end; in += 3) {
    const auto group = static_cast<std::uint32_t>(in[0] << 16 | in[1] << 8 | in[2]);
    *out++ = digits[group >> 18];
    *out++ = digits[group >> 12 & 63];
    *out++ = digits[group >> 6 & 63];
    *out++ = digits[group & 63];
  }
  if (rest == 0) return text;
  const auto group = static_cast<std::uint32_t>(in[0] << 16 | (rest == 2 ? in[1] << 8 : 0));
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
  // A rest of 2 or 3 characters is 1 or 2 bytes.
  Bytes bytes(text.size() / 4 * 3 + text.size() % 4 * 3 / 4);
  std::uint8_t* out = bytes.data();
  for (; text.size() >= 4; text.remove_prefix(4)) {
    const std::int32_t group = decode_group(table, text.data());
    if (group < 0) return spoiled(bytes, "not a base64 character");
    *out++ = static_cast<std::uint8_t>(group >> 16);
    *out++ = static_cast<std::uint8_t>(group >> 8);
    *out++ = static_cast<std::uint8_t>(group);
  }
  if (text.empty()) return bytes;
  std::array<char, 4> last{'A', 'A', 'A', 'A'};  // A is zero
  std::ranges::copy(text, last.begin());
  const std::int32_t group = decode_group(table, last.data());
  if (group < 0) return spoiled(bytes, "not a base64 character");
  if ((group & (text.size() == 2 ? 0xffff : 0xff)) != 0) {
    return spoiled(bytes, "base64 text has non-zero trailing bits");
  }
  *out++ = static_cast<std::uint8_t>(group >> 16);
  if (text.size() == 3) *out++ = static_cast<std::uint8_t>(group >> 8);
  return bytes;
}

}  // namespace chancery
