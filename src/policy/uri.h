#pragma once

#include <string_view>

namespace chancery::policy {

// is_absolute_uri: a scheme, then only characters that RFC 3986 allows, with a sound authority
// where there is one. A relative reference is not enough for a certificate (RFC 5280
// section 4.2.1.6). Internal to this folder.
[[nodiscard]] bool is_absolute_uri(std::string_view text);

}  // namespace chancery::policy
