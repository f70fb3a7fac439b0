#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace chancery::cli {

// Progress shows a bar for work that takes over a second, and nothing for work that does not. It is
// drawn on a terminal only, and wiped away at the end. Not thread-safe.
class Progress {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Output {
    std::function<Time()> now;
    std::function<void(const std::string&)> write;  // empty: draw nothing
    std::size_t columns = 80;
  };

  // `total` is in the unit of `update`; 0 when it is not known.
  Progress(std::string what, std::uint64_t total);  // on standard error
  Progress(std::string what, std::uint64_t total, Output output);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // update may be called as often as one likes: it draws ten times a second at most.
  void update(std::uint64_t done);

 private:
  void draw(std::uint64_t done);

  std::string what_;
  std::uint64_t total_;
  Output output_;
  Time began_;
  Time next_;
  bool drawn_ = false;
};

}  // namespace chancery::cli
