#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace chancery::status {

// accepts_gzip says whether an Accept-Encoding header takes gzip (RFC 9110, 12.5.3). Its "*" is not
// taken for a wish.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

// gzip compresses (RFC 1952), always to the same bytes; some 20 ms a megabyte. Errors: kInternal.
[[nodiscard]] Result<Bytes> gzip(BytesView content);

}  // namespace chancery::status
