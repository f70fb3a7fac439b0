#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>

namespace chancery::net {

// TicketKey protects the session tickets of one period.
struct TicketKey {
  std::array<std::uint8_t, 16> name{};
  std::array<std::uint8_t, 32> encryption{};
  std::array<std::uint8_t, 32> authentication{};

  TicketKey() = default;
  TicketKey(const TicketKey&) = default;
  TicketKey& operator=(const TicketKey&) = default;
  ~TicketKey();  // wipes
};

// TicketKeys are the keys that all reactors share. The newest seals new tickets; it is replaced
// every kRotation, and the two before it still open theirs. Keys never touch a disk, so tickets do
// not survive a restart. Thread-safe.
class TicketKeys {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::hours kRotation{1};
  // How long a client may resume; within the life of the oldest key.
  static constexpr std::chrono::hours kTicketLifetime{2};

  struct Found {
    TicketKey key;
    bool newest = false;
  };

  TicketKeys();
  // sealing returns the newest key, a new one when it is time for that.
  [[nodiscard]] TicketKey sealing(Clock::time_point now);
  [[nodiscard]] std::optional<Found> find(std::span<const std::uint8_t, 16> name) const;
  void rotate(Clock::time_point now);

 private:
  void add_key(Clock::time_point now);  // with the mutex held, or alone

  mutable std::mutex mutex_;
  std::deque<TicketKey> keys_;  // newest first
  Clock::time_point made_{};
};

}  // namespace chancery::net
