#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace chancery::http {

// BodyBudget bounds the memory of all request bodies of a server together. Thread-safe.
class BodyBudget {
 public:
  // What each connection may hold beyond the budget: however full that is, ordinary requests pass.
  static constexpr std::size_t kFree = 16 * 1024;

  explicit BodyBudget(std::size_t bytes) : left_(bytes) {}

  [[nodiscard]] bool take(std::size_t bytes) {
    std::size_t left = left_.load(std::memory_order_relaxed);
    while (left >= bytes) {
      if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void give_back(std::size_t bytes) { left_.fetch_add(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> left_;
};

// BodyShare is what one request holds of the budget; its end gives it back. Not thread-safe.
class BodyShare {
 public:
  explicit BodyShare(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
  ~BodyShare() { release(); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  // grow_to is false when the budget has not so much left; the share stays as it is then.
  [[nodiscard]] bool grow_to(std::size_t bytes) {
    if (bytes <= held_) return true;
    if (!budget_->take(bytes - held_)) return false;
    held_ = bytes;
    return true;
  }
  void release() { budget_->give_back(std::exchange(held_, 0)); }

 private:
  const std::shared_ptr<BodyBudget> budget_;
  std::size_t held_ = 0;
};

}  // namespace chancery::http
