#pragma once

#include <string>

#include "base/time.h"

namespace chancery::vault {

// host_info describes the machine as sys/host-info does: processors, memory, file system, system.
// What cannot be read is left out. Reads /proc: not on a reactor. A JSON object.
[[nodiscard]] std::string host_info(TimePoint now);

}  // namespace chancery::vault
