#pragma once

#include <string>

#include "base/bytes.h"

namespace chancery::access {

// decimal writes a serial number in the base that Vault has it in.
[[nodiscard]] std::string decimal(BytesView octets);

}  // namespace chancery::access
