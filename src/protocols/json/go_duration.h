#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"

namespace chancery::json {

// go_duration_error says of a text that is no duration what Vault says of it: days are read as an
// integer, everything else by Go's time package.
[[nodiscard]] inline std::string go_duration_error(std::string_view text) {
  const std::string shown = printable(text, 64);
  if (text.ends_with('d')) {
    return "strconv.ParseInt: parsing \"" + shown.substr(0, shown.size() - 1) +
           "\": invalid syntax";
  }
  constexpr std::string_view kDigits = "0123456789.";
  const std::size_t number = text.find_first_not_of("+-");
  std::size_t at = number;
  while (at != std::string_view::npos && at < text.size() && kDigits.contains(text[at])) {
    const std::size_t unit = text.find_first_not_of(kDigits, at);
    if (unit == std::string_view::npos) {
      // What does not fit 64 bits is no number to it.
      const bool fits = std::min(text.find('.', at), text.size()) - at < 19;
      return (fits ? "time: missing unit in duration \"" : "time: invalid duration \"") + shown +
             "\"";
    }
    const std::size_t end = std::min(text.find_first_of(kDigits, unit), text.size());
    const std::string_view name = text.substr(unit, end - unit);
    const bool known =
        name == "h" || name == "m" || name == "s" || name == "ms" || name == "us" || name == "ns";
    if (!known) {
      return "time: unknown unit \"" + printable(name, 64) + "\" in duration \"" + shown + "\"";
    }
    at = end;
  }
  return "time: invalid duration \"" + shown + "\"";
}

}  // namespace chancery::json
