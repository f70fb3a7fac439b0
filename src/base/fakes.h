#pragma once

#include "base/random.h"
#include "base/time.h"

namespace chancery {

// FakeClock stands still until a test moves it.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimePoint now) : now_(now) {}
  [[nodiscard]] TimePoint now() const override { return now_; }
  void set(TimePoint now) { now_ = now; }
  void advance(seconds by) { now_ += by; }

 private:
  TimePoint now_;
};

// FakeRandom repeats the same sequence for the same seed (xorshift64*). For tests only.
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::uint64_t seed = 1) : state_(seed == 0 ? 1 : seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) {
      state_ ^= state_ >> 12;
      state_ ^= state_ << 25;
      state_ ^= state_ >> 27;
      byte = static_cast<std::uint8_t>((state_ * 2685821657736338717ULL) >> 56);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace chancery
