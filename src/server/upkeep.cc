#include "server/upkeep.h"

#include <utility>

#include "base/thread_name.h"

namespace chancery::server {

Upkeep::~Upkeep() { stop(); }

void Upkeep::start() {
  thread_ = std::thread([this] { work(); });
}

void Upkeep::poke() {
  const std::scoped_lock lock(mutex_);
  poked_ = true;
  changed_.notify_one();
}

void Upkeep::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Upkeep::work() {
  name_this_thread("upkeep");
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    changed_.wait_for(lock, period_, [&] { return stopped_ || poked_; });
    if (stopped_) return;
    poked_ = false;
    lock.unlock();
    for (const auto& job : jobs_) job();
    lock.lock();
  }
}

}  // namespace chancery::server
