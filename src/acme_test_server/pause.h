#pragma once

#include <condition_variable>
#include <mutex>

#include "base/time.h"

namespace chancery::acme_test {

// Pause lets threads wait on purpose, and no longer than the program runs. Thread-safe.
class Pause {
 public:
  // wait blocks for so long, or until end().
  void wait(seconds time) {
    if (time <= seconds{0}) return;
    std::unique_lock lock(mutex_);
    ended_changed_.wait_for(lock, time, [&] { return ended_; });
  }
  // end wakes all who wait; nobody waits any more.
  void end() {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    ended_changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;  // guarded by mutex_
};

}  // namespace chancery::acme_test
