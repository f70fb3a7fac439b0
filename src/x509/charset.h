#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chancery::x509 {

// What the ASN.1 string types may hold. Internal to this folder.
[[nodiscard]] bool is_printable_string(std::string_view text);  // X.680 section 41.4, exactly
[[nodiscard]] bool is_ascii(std::string_view text);
// has_control_characters looks for C0 controls and DEL.
[[nodiscard]] bool has_control_characters(std::string_view text);
// count_characters counts code points of valid UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view utf8);

// fits_string_type checks `content` against the string type `tag`; other types always fit.
// PrintableString may also hold '*' and '&', as deployed certificates do.
[[nodiscard]] bool fits_string_type(std::uint8_t tag, BytesView content);
// string_to_utf8 converts the content of a string type; nothing for other types.
[[nodiscard]] std::optional<std::string> string_to_utf8(std::uint8_t tag, BytesView content);

}  // namespace chancery::x509
