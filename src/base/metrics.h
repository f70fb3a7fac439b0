#pragma once

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
  Gauge& gauge(std::string_view name, std::string_view help, std::string_view labels = {});
  [[nodiscard]] std::string render() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chancery
