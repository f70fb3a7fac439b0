#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "acme/rows.h"
#include "base/result.h"
#include "record/store.h"

namespace chancery::acme {

// Limit bounds how often something is done.
struct Limit {
  record::StateKey key;    // limit_key
  std::uint32_t most = 0;  // 0: there is no limit
  seconds period{0};
};

// Limits bounds how often something is done, by the generic cell rate algorithm: one number a key,
// an exact moment to come back. It counts in memory. Of a limit that is half used or more the
// number is also stored, with what it was used for, so that neither a restart nor a lack of room
// gives anybody more than half of it again. At most kMostKeys are remembered; when there are more,
// those that could begin anew go first, then any. Thread-safe.
class Limits {
 public:
  static constexpr std::size_t kMostKeys = 200'000;

  explicit Limits(const record::StateReader& state) : state_(state) {}

  // spend takes one of a limit (all of them may come at once). Returns 0 when there was one left,
  // else how many seconds until there is. `writes` is what is committed where it is not refused.
  // Errors: those of the store.
  [[nodiscard]] Result<seconds> spend(const Limit& limit, TimePoint now, record::WriteSet& writes);
  // wait is what spend would return; it takes nothing.
  [[nodiscard]] Result<seconds> wait(const Limit& limit, TimePoint now);

 private:
  // recall is when all of a limit is free again, in microseconds: from memory or from the store.
  [[nodiscard]] Result<std::int64_t> recall(const record::StateKey& key, const std::string& name);
  // remember gives the place in memory for what was recalled. With mutex_ held.
  [[nodiscard]] std::int64_t& remember(const std::string& name, std::int64_t recalled,
                                       std::int64_t latest, std::int64_t now);
  void make_room(std::int64_t now);

  const record::StateReader& state_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> free_at_;  // guarded by mutex_
};

// network_of is what an address counts as: an IPv4 address as itself, an IPv6 address as its /64,
// for whoever has one has all of that.
[[nodiscard]] std::string network_of(std::string_view address);

}  // namespace chancery::acme
