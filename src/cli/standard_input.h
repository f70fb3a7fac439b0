#pragma once

#include "base/result.h"
#include "base/secret_bytes.h"

namespace chancery::cli {

// read_standard_input reads all of it, which may be a secret. Errors: kTooLarge (over `most`
// bytes), kUnavailable.
[[nodiscard]] Result<SecretBytes> read_standard_input(std::size_t most);

}  // namespace chancery::cli
