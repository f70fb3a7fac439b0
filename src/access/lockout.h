#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace chancery::access {

// Lockout slows guessing down. Failures are counted for each name (user, role) together with the
// address they come from: after kMostFailures of them that address is refused for that name, for
// kPause after the last failure, and everybody else gets in as before. So nobody can lock a user
// out from an address that is not the user's own. An address that fails with many names is refused
// for all of them. An IPv6 address counts as its /64, for a client has all of that.
//
// In memory alone, and bounded: beyond `capacity` pairs the one whose failure is longest ago is
// forgotten. A restart forgets all. Thread-safe.
class Lockout {
 public:
  static constexpr unsigned kMostFailures = 5;
  static constexpr unsigned kMostFailuresOfAddress = 100;
  static constexpr seconds kPause{15 * 60};

  explicit Lockout(const Clock& clock, std::size_t capacity = 65'536)
      : clock_(clock), capacity_(capacity) {}

  // check is asked before a secret is looked at. `place` is the mount's storage. Errors:
  // kUnauthenticated (this name from this address), kTooManyRequests (this address; retry_after).
  [[nodiscard]] Result<void> check(std::string_view place, std::string_view name,
                                   std::string_view peer_address);
  void failed(std::string_view place, std::string_view name, std::string_view peer_address);
  // succeeded forgets the failures of this name from this address.
  void succeeded(std::string_view place, std::string_view name, std::string_view peer_address);

 private:
  // A digest of what is counted: names of any length take the same room.
  using Key = std::array<std::uint8_t, 32>;
  struct Failures {
    Key key{};
    unsigned count = 0;
    TimePoint last{};
  };
  using Order = std::list<Failures>;

  [[nodiscard]] static Key key(std::string_view place, std::string_view name,
                               std::string_view peer_address);
  [[nodiscard]] unsigned count(const Key& key, TimePoint now);
  void add(const Key& key, TimePoint now);

  const Clock& clock_;
  const std::size_t capacity_;
  std::mutex mutex_;
  Order order_;  // the latest failure first
  std::map<Key, Order::iterator> entries_;
};

}  // namespace chancery::access
