#include "access/lockout.h"

#include <string>

#include "crypto/digest.h"
#include "x509/cidr.h"

namespace chancery::access {
namespace {

constexpr std::size_t kIpv6Network = 8;  // octets of a /64

}  // namespace

Lockout::Key Lockout::key(std::string_view place, std::string_view name,
                          std::string_view peer_address) {
  std::string text;
  for (const std::string_view part : {place, name}) {
    text += std::to_string(part.size());
    text.append(1, ':').append(part);
  }
  if (const auto octets = x509::parse_address(peer_address)) {
    const BytesView all(*octets);
    text += as_text(all.size() == 16 ? all.first(kIpv6Network) : all);
  } else {
    text += peer_address;
  }
  return crypto::sha256(as_bytes(text));
}

Result<void> Lockout::check(std::string_view place, std::string_view name,
                            std::string_view peer_address) {
  const TimePoint now = clock_.now();
  const std::scoped_lock lock(mutex_);
  if (count(key(place, name, peer_address), now) >= kMostFailures)
    return fail(Code::kUnauthenticated, "permission denied");
  if (count(key({}, {}, peer_address), now) < kMostFailuresOfAddress) return {};
  Error error{Code::kTooManyRequests, "too many failed logins from this address", {}, {}};
  error.retry_after = kPause;
  return std::unexpected(std::move(error));
}

void Lockout::failed(std::string_view place, std::string_view name, std::string_view peer_address) {
  const TimePoint now = clock_.now();
  const std::scoped_lock lock(mutex_);
  add(key(place, name, peer_address), now);
  add(key({}, {}, peer_address), now);
}

void Lockout::succeeded(std::string_view place, std::string_view name,
                        std::string_view peer_address) {
  const std::scoped_lock lock(mutex_);
  const auto it = entries_.find(key(place, name, peer_address));
  if (it == entries_.end()) return;
  order_.erase(it->second);
  entries_.erase(it);
}

// Failures that are longer ago than the pause count no more.
unsigned Lockout::count(const Key& key, TimePoint now) {
  const auto it = entries_.find(key);
  return it == entries_.end() || it->second->last + kPause <= now ? 0 : it->second->count;
}

void Lockout::add(const Key& key, TimePoint now) {
  const unsigned before = count(key, now);
  if (const auto it = entries_.find(key); it != entries_.end()) {
    order_.splice(order_.begin(), order_, it->second);
  } else {
    order_.push_front({key, 0, now});
    entries_.emplace(key, order_.begin());
  }
  order_.front().count = before + 1;
  order_.front().last = now;
  if (order_.size() > capacity_) {
    entries_.erase(order_.back().key);
    order_.pop_back();
  }
}

}  // namespace chancery::access
