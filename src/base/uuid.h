#pragma once

#include <string>
#include <string_view>

#include "base/random.h"

namespace chancery {

// make_uuid draws a UUID of version 4 (RFC 9562 section 5.4), in lower case.
[[nodiscard]] std::string make_uuid(Random& random);

// is_uuid says whether a text has the form of one in lower case, of any version.
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace chancery
