#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

// The errors of this folder: detail is the text for Vault's clients, "field" the API field that was
// wrong, "rule" the role's field that decided. Internal to this folder.
namespace chancery::policy {

// refused is for what a rule forbids, invalid for a value that makes no sense.
[[nodiscard]] std::unexpected<Error> refused(std::string_view field, std::string_view rule,
                                             std::initializer_list<std::string_view> detail);
[[nodiscard]] std::unexpected<Error> invalid(std::string_view field, std::string_view rule,
                                             std::initializer_list<std::string_view> detail);

// in_quotes writes text as Go's %q does: in double quotes, control characters and bad UTF-8
// escaped.
[[nodiscard]] std::string in_quotes(std::string_view text);

inline constexpr std::size_t kMaxTextSize = 2048;  // of any one value in a request
inline constexpr std::size_t kMaxNames = 2000;     // in one certificate

// check_text refuses a request's value that is too long, not UTF-8, or has control characters.
[[nodiscard]] Result<void> check_text(std::string_view field, std::string_view value);

}  // namespace chancery::policy
