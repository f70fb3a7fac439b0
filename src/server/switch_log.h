#pragma once

#include <memory>
#include <mutex>

#include "base/stderr_log.h"

namespace chancery::server {

// SwitchLog is a log on standard error whose level and format can change while it is in use.
// Thread-safe.
class SwitchLog final : public Log {
 public:
  SwitchLog(LogFormat format, LogLevel level) { set(format, level); }

  void set(LogFormat format, LogLevel level) {
    std::shared_ptr<Log> fresh = make_stderr_log(format, level);
    const std::scoped_lock lock(mutex_);
    log_.swap(fresh);
  }
  void write(LogLevel level, std::string_view message, Fields fields) override {
    current()->write(level, message, fields);
  }

 private:
  std::shared_ptr<Log> current() {
    const std::scoped_lock lock(mutex_);
    return log_;
  }

  std::mutex mutex_;
  std::shared_ptr<Log> log_;  // guarded by mutex_
};

}  // namespace chancery::server
