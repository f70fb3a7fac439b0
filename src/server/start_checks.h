#pragma once

#include <string>

#include "base/log.h"
#include "base/result.h"
#include "server/config.h"

namespace chancery::server {

// check_modes looks at who may write the configuration and the data directory and who may read the
// keys. What would let another user forge or steal is refused; a data directory that others can
// merely read is warned of. Errors: kRefused, with the command that mends it.
[[nodiscard]] Result<void> check_modes(const std::string& config_path, const Config& config,
                                       Log& log);

}  // namespace chancery::server
