#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"
#include "http/site.h"

namespace chancery::http {

// decode_target splits request.target into path and query and decodes both, once, under the rules
// that request.h states. It takes the origin form and, when its authority equals the Host header,
// the absolute form. A path that `site` declares opaque is left undecoded. Errors: kMalformed; path
// then holds the undecoded path, for finding out who refuses.
[[nodiscard]] Result<void> decode_target(Request& request, const Site& site);

// percent_decoded undoes the escapes of what an opaque path holds: any octet may come out. Nothing
// where a '%' has no two hexadecimal digits behind it.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view opaque);

}  // namespace chancery::http
