#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace chancery::server {

// Upkeep runs the server's small periodic jobs, one after another, on one thread: a job looks at a
// clock and mostly finds nothing to do. Jobs may block; they must not throw.
class Upkeep {
 public:
  explicit Upkeep(std::chrono::milliseconds period) : period_(period) {}
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // add is for the time before start.
  void add(std::function<void()> job) { jobs_.push_back(std::move(job)); }
  void start();
  // poke runs the jobs now instead of at the end of the period. Thread-safe.
  void poke();
  // stop waits for the job that runs. The destructor stops as well.
  void stop();

 private:
  void work();

  const std::chrono::milliseconds period_;
  std::vector<std::function<void()>> jobs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool poked_ = false;    // guarded by mutex_
  bool stopped_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace chancery::server
