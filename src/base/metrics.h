#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chancery {

// Counter only grows. Thread-safe, lock-free.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Gauge goes up and down. Thread-safe, lock-free.
class Gauge {
 public:
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Histogram sorts durations into fixed buckets, from 50 microseconds to 30 seconds. Thread-safe,
// lock-free: two additions an observation.
class Histogram {
 public:
  // Upper bounds in microseconds; what is beyond the last goes into one more bucket.
  static constexpr std::array<std::uint64_t, 14> kBounds{
      50,     100,    250,     500,     1'000,     2'500,     5'000,
      10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000, 30'000'000};

  void observe(std::uint64_t microseconds) {
    std::size_t at = 0;
    while (at < kBounds.size() && microseconds > kBounds[at]) ++at;
    buckets_[at].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(microseconds, std::memory_order_relaxed);
  }
  // How many observations went into the i-th bucket.
  [[nodiscard]] std::uint64_t bucket(std::size_t i) const {
    return buckets_.at(i).load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t sum_microseconds() const {
    return sum_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t count() const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> sum_{0};
};

// Metrics holds the process's metrics and renders them in the Prometheus text format. Labels come
// from closed sets, never from a client's text. The returned references live as long as the
// registry. Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  // `labels` is the text between the braces, already in Prometheus form:
  // `route="pki/issue",code="200"`.
  Counter& counter(std::string_view name, std::string_view help, std::string_view labels = {});
  // Rendered in seconds: the name should end in "_seconds".
  Histogram& histogram(std::string_view name, std::string_view help, std::string_view labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, std::string_view labels = {});
  [[nodiscard]] std::string render() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chancery
