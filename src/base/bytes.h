#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chancery {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

// as_bytes and as_text look at the same memory with the other type; they copy nothing.
[[nodiscard]] inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes to_bytes(BytesView view) { return {view.begin(), view.end()}; }
[[nodiscard]] inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }

inline void append(Bytes& out, BytesView more) { out.insert(out.end(), more.begin(), more.end()); }

// equal compares contents; it leaks by timing where they differ. For secrets use
// constant_time_equal.
[[nodiscard]] bool equal(BytesView a, BytesView b);
// constant_time_equal takes time that depends on the lengths only.
[[nodiscard]] bool constant_time_equal(BytesView a, BytesView b);

// hex writes two lower-case digits a byte, with `separator` between bytes when it is not 0.
[[nodiscard]] std::string hex(BytesView bytes, char separator = 0);
// parse_hex reads digits of either case; when `separators` is true, one ':' or '-' is allowed
// between bytes. Errors: kMalformed.
[[nodiscard]] Result<Bytes> parse_hex(std::string_view text, bool allow_separators = false);

enum class Base64 : std::uint8_t { kStandard, kUrl };

// base64 writes padded standard base64 without line breaks; kUrl writes the URL alphabet unpadded.
[[nodiscard]] std::string base64(BytesView bytes, Base64 alphabet = Base64::kStandard);
// parse_base64 is strict: right alphabet, right padding (none for kUrl), zero trailing bits, no
// white space. Errors: kMalformed.
[[nodiscard]] Result<Bytes> parse_base64(std::string_view text,
                                         Base64 alphabet = Base64::kStandard);

}  // namespace chancery
