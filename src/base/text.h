#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chancery {

// ASCII only: names in PKI protocols compare by ASCII case, never by locale.
[[nodiscard]] char to_lower(char c);
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view trim(std::string_view text);

// split cuts at every `separator`; an empty text yields one empty piece.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& pieces, std::string_view separator);

// glob_match matches `*` to any run of characters, everything else to itself. Linear in
// pattern × text at worst, no recursion.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);

// nearest returns the candidate closest to `word` by edit distance, or "" when none is near enough
// to be what was meant. Used for "did you mean".
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string_view>& candidates);

// is_valid_utf8 refuses overlong forms, surrogates and values over U+10FFFF (RFC 3629).
[[nodiscard]] bool is_valid_utf8(std::string_view text);

// printable replaces control characters by '?' and cuts after `limit` bytes, for messages that
// quote foreign input.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 128);

}  // namespace chancery
