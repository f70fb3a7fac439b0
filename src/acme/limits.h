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

 private:
  void make_room(std::int64_t now);

  std::mutex mutex_;
  // By key, when all of it would be free again, in microseconds.
  std::unordered_map<std::string, std::int64_t> free_at_;
};

}  // namespace chancery::acme
