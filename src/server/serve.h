#pragma once

#include <string>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "server/config.h"

namespace chancery::server {

// serve runs the server until SIGTERM or SIGINT, then stops gracefully; SIGHUP reloads the
// configuration. When it answers, it has written run/listeners.json beside the configuration,
// {"https": "127.0.0.1:8200", "http": "127.0.0.1:8280"}. Errors: those of opening the data
// directory and of binding. `accept_clock` is an operator's word that the clock is right although
// the history has later times.
[[nodiscard]] Result<void> serve(const std::string& config_path, bool accept_clock,
                                 const Clock& clock, Random& random);

}  // namespace chancery::server
