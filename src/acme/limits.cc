#include "acme/limits.h"

#include <algorithm>

#include "base/text.h"
#include "record/state_cache.h"
#include "x509/cidr.h"

namespace chancery::acme {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::size_t kIpv6Network = 8;  // octets of a /64

std::int64_t microseconds(TimePoint time) { return to_unix(time) * kSecond; }

// The stored number is in seconds: rounded up, so that nothing is free too early.
TimePoint seconds_of(std::int64_t microseconds) {
  return from_unix((microseconds + kSecond - 1) / kSecond);
}

// Rate is how often something may be done, in microseconds.
struct Rate {
  std::int64_t each;
  std::int64_t most;

  explicit Rate(const Limit& limit)
      : each(std::max<std::int64_t>(1, limit.period.count() * kSecond / limit.most)),
        most(limit.most) {}
  // latest is when all is free again where all is used.
  [[nodiscard]] std::int64_t latest(std::int64_t now) const { return now + each * most; }
  // next is when all is free again after one more.
  [[nodiscard]] std::int64_t next(std::int64_t free_at, std::int64_t now) const {
    return std::max(free_at, now) + each;
  }
  // wait is for how long there is none, rounded up to seconds.
  [[nodiscard]] seconds wait(std::int64_t free_at, std::int64_t now) const {
    const std::int64_t over = next(free_at, now) - latest(now);
    return seconds{over <= 0 ? 0 : (over + kSecond - 1) / kSecond};
  }
  [[nodiscard]] bool half_used(std::int64_t free_at, std::int64_t now) const {
    return 2 * (free_at - now) >= each * most;
  }
};

}  // namespace

Result<std::int64_t> Limits::recall(const record::StateKey& key, const std::string& name) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = free_at_.find(name); found != free_at_.end()) return found->second;
  }
  const auto stored = TRY(state_.get(key));
  if (!stored) return 0;
  return microseconds(TRY(access::decode_row<Used>(stored->value)).free_at);
}

std::int64_t& Limits::remember(const std::string& name, std::int64_t recalled, std::int64_t latest,
                               std::int64_t now) {
  if (free_at_.size() >= kMostKeys) make_room(now);
  std::int64_t& free_at = free_at_.try_emplace(name, recalled).first->second;
  // More than all cannot be used: the number is of a larger limit, or of a clock that was ahead.
  free_at = std::min(free_at, latest);
  return free_at;
}

Result<seconds> Limits::spend(const Limit& limit, TimePoint now, record::WriteSet& writes) {
  if (limit.most == 0) return seconds{0};
  const std::string name = record::cache_key(limit.key);
  const std::int64_t recalled = TRY(recall(limit.key, name));
  const std::int64_t at = microseconds(now);
  const Rate rate(limit);
  std::int64_t next = 0;
  {
    const std::scoped_lock lock(mutex_);
    std::int64_t& free_at = remember(name, recalled, rate.latest(at), at);
    if (const seconds wait = rate.wait(free_at, at); wait.count() > 0) return wait;
    next = free_at = rate.next(free_at, at);
  }
  if (rate.half_used(next, at)) writes.put(limit.key, access::encode_row(Used{seconds_of(next)}));
  return seconds{0};
}

Result<seconds> Limits::wait(const Limit& limit, TimePoint now) {
  if (limit.most == 0) return seconds{0};
  const std::string name = record::cache_key(limit.key);
  const std::int64_t recalled = TRY(recall(limit.key, name));
  if (recalled == 0) return seconds{0};
  const std::int64_t at = microseconds(now);
  const Rate rate(limit);
  const std::scoped_lock lock(mutex_);
  return rate.wait(remember(name, recalled, rate.latest(at), at), at);
}

void Limits::make_room(std::int64_t now) {
  std::erase_if(free_at_, [&](const auto& one) { return one.second <= now; });
  while (free_at_.size() >= kMostKeys / 2) free_at_.erase(free_at_.begin());
}

std::string network_of(std::string_view address) {
  const auto octets = x509::parse_address(address);
  if (!octets) return std::string(address);
  const BytesView all(*octets);
  return hex(all.size() == 16 ? all.first(kIpv6Network) : all);
}

}  // namespace chancery::acme
