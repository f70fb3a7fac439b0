#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace chancery::acme {

// Limits bounds how often something is done, by the generic cell rate algorithm: one number a key,
// an exact moment to come back. In memory: after a start everybody begins anew. At most kMostKeys
// are remembered; when there are more, those that could begin anew go first, then any. Thread-safe.
class Limits {
 public:
  static constexpr std::size_t kMostKeys = 200'000;

  // spend takes one of `most` in `period` of a key (all of them may come at once). Returns 0 when
  // there was one left, else how many seconds until there is. `most` 0 is no limit.
  [[nodiscard]] seconds spend(std::string_view key, std::uint32_t most, seconds period,
                              TimePoint now);
  // wait is what spend would return; it takes nothing.
  [[nodiscard]] seconds wait(std::string_view key, std::uint32_t most, seconds period,
                             TimePoint now) const;

 private:
  void make_room(std::int64_t now);

  mutable std::mutex mutex_;
  // By key, when all of it would be free again, in microseconds.
  std::unordered_map<std::string, std::int64_t> free_at_;
};

// network_of is what an address counts as: an IPv4 address as itself, an IPv6 address as its /64,
// for whoever has one has all of that.
[[nodiscard]] std::string network_of(std::string_view address);

}  // namespace chancery::acme
