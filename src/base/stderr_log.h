#pragma once

#include <memory>

#include "base/log.h"

namespace chancery {

enum class LogFormat : std::uint8_t { kText, kJson };

// make_stderr_log writes one line an event to standard error: JSON objects, or aligned text for a
// person at a terminal. Lines below `level` are dropped before formatting. Thread-safe.
[[nodiscard]] std::unique_ptr<Log> make_stderr_log(LogFormat format, LogLevel level);

}  // namespace chancery
