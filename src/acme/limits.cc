#include "acme/limits.h"

#include <algorithm>

namespace chancery::acme {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

}  // namespace

seconds Limits::spend(std::string_view key, std::uint32_t most, seconds period, TimePoint now) {
  if (most == 0) return seconds{0};
  const std::int64_t at = to_unix(now) * kSecond;
  const std::int64_t whole = period.count() * kSecond;
  const std::int64_t each = std::max<std::int64_t>(1, whole / most);
  const std::scoped_lock lock(mutex_);
  if (free_at_.size() >= kMostKeys) make_room(at);
  std::int64_t& free_at = free_at_[std::string(key)];
  const std::int64_t next = std::max(free_at, at) + each;
  if (next - at <= each * most) {
    free_at = next;
    return seconds{0};
  }
  const std::int64_t wait = next - at - each * most;
  return seconds{(wait + kSecond - 1) / kSecond};
}

void Limits::make_room(std::int64_t now) {
  std::erase_if(free_at_, [&](const auto& one) { return one.second <= now; });
  while (free_at_.size() >= kMostKeys / 2) free_at_.erase(free_at_.begin());
}

}  // namespace chancery::acme
