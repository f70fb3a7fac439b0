#include "net/ticket_keys.h"

#include <openssl/rand.h>

#include <algorithm>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace chancery::net {

namespace {

constexpr std::size_t kKept = 3;

void fill(std::span<std::uint8_t> out) {
  CHANCERY_CHECK(RAND_priv_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace

TicketKey::~TicketKey() {
  wipe(encryption);
  wipe(authentication);
}

TicketKeys::TicketKeys() { add_key(Clock::now()); }

TicketKey TicketKeys::sealing(Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (now - made_ >= kRotation) add_key(now);
  return keys_.front();
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const std::uint8_t, 16> name) const {
  const std::scoped_lock lock(mutex_);
  for (const TicketKey& key : keys_) {
    if (std::ranges::equal(key.name, name)) return Found{key, &key == &keys_.front()};
  }
  return std::nullopt;
}

void TicketKeys::rotate(Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  add_key(now);
}

void TicketKeys::add_key(Clock::time_point now) {
  TicketKey& key = keys_.emplace_front();
  fill(key.name);
  fill(key.encryption);
  fill(key.authentication);
  made_ = now;
  if (keys_.size() > kKept) keys_.pop_back();
}

}  // namespace chancery::net
