#include "acme/limits.h"

#include <algorithm>

#include "base/text.h"
#include "x509/cidr.h"

namespace chancery::acme {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::size_t kIpv6Network = 8;  // octets of a /64

std::int64_t microseconds(TimePoint time) { return to_unix(time) * kSecond; }

// Rate is how often something may be done, in microseconds.
struct Rate {
  std::int64_t each;
  std::int64_t most;

  Rate(std::uint32_t count, seconds period)
      : each(std::max<std::int64_t>(1, period.count() * kSecond / count)), most(count) {}
  // next is when all is free again after one more.
  [[nodiscard]] std::int64_t next(std::int64_t free_at, std::int64_t now) const {
    return std::max(free_at, now) + each;
  }
  // wait is for how long there is none, rounded up to seconds.
  [[nodiscard]] seconds wait(std::int64_t free_at, std::int64_t now) const {
    const std::int64_t over = next(free_at, now) - now - each * most;
    return seconds{over <= 0 ? 0 : (over + kSecond - 1) / kSecond};
  }
};

}  // namespace

seconds Limits::spend(std::string_view key, std::uint32_t most, seconds period, TimePoint now) {
  if (most == 0) return seconds{0};
  const std::int64_t at = microseconds(now);
  const Rate rate(most, period);
  const std::scoped_lock lock(mutex_);
  if (free_at_.size() >= kMostKeys) make_room(at);
  std::int64_t& free_at = free_at_[std::string(key)];
  const seconds wait = rate.wait(free_at, at);
  if (wait.count() == 0) free_at = rate.next(free_at, at);
  return wait;
}

seconds Limits::wait(std::string_view key, std::uint32_t most, seconds period,
                     TimePoint now) const {
  if (most == 0) return seconds{0};
  const std::scoped_lock lock(mutex_);
  const auto found = free_at_.find(std::string(key));
  if (found == free_at_.end()) return seconds{0};
  return Rate(most, period).wait(found->second, microseconds(now));
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
