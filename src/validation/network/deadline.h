#pragma once

#include <algorithm>
#include <chrono>

namespace chancery::validation::network {

// Deadline is a point of the steady clock. Value.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  explicit Deadline(milliseconds from_now) : at_(Clock::now() + from_now) {}

  // sooner is the earlier one of this and `from_now`.
  [[nodiscard]] Deadline sooner(milliseconds from_now) const {
    Deadline step(from_now);
    step.at_ = std::min(step.at_, at_);
    return step;
  }
  // left is never negative, and 0 only when the time is over.
  [[nodiscard]] milliseconds left() const {
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(at_ - Clock::now()));
  }
  [[nodiscard]] bool passed() const { return Clock::now() >= at_; }
  [[nodiscard]] Clock::time_point at() const { return at_; }

 private:
  Clock::time_point at_;
};

}  // namespace chancery::validation::network
