#pragma once

#include <string>

namespace chancery::crypto {

// library_version is the version of the cryptographic library that runs, such as "3.5.0", which may
// be another one than the program was built with.
[[nodiscard]] std::string library_version();

}  // namespace chancery::crypto
