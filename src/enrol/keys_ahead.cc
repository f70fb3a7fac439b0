#include "enrol/keys_ahead.h"

#include <algorithm>
#include <utility>

namespace chancery::enrol {
namespace {

// Kinds made ahead at the same time. Roles ask for few; a client that goes through all sizes must
// not fill the memory.
constexpr std::size_t kMostKinds = 4;
// A larger key takes seconds to make and minutes to make many of.
constexpr unsigned kLargestRsa = 4096;

bool made_ahead(crypto::KeyType type) {
  return type.algorithm != crypto::KeyAlgorithm::kRsa || type.rsa_bits <= kLargestRsa;
}

}  // namespace

KeysAhead::Kind* KeysAhead::find(crypto::KeyType type) {
  const auto at = std::ranges::find(kinds_, type, &Kind::type);
  return at == kinds_.end() ? nullptr : &*at;
}

std::optional<crypto::KeyType> KeysAhead::wanted() const {
  const auto least =
      std::ranges::min_element(kinds_, {}, [](const Kind& kind) { return kind.keys.size(); });
  if (least == kinds_.end() || least->keys.size() >= bound_) return std::nullopt;
  return least->type;
}

std::optional<crypto::PrivateKey> KeysAhead::take(crypto::KeyType type) {
  if (bound_ == 0 || !made_ahead(type)) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  changed_.notify_one();
  Kind* kind = find(type);
  if (kind == nullptr) {
    if (kinds_.size() < kMostKinds) kinds_.push_back({type, {}});
    return std::nullopt;
  }
  if (kind->keys.empty()) return std::nullopt;
  std::optional<crypto::PrivateKey> key(std::move(kind->keys.back()));
  kind->keys.pop_back();
  return key;
}

void KeysAhead::fill() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopped_ || wanted(); });
    if (stopped_) return;
    const crypto::KeyType type = *wanted();
    lock.unlock();
    auto key = crypto::PrivateKey::generate(type, &stopped_);
    lock.lock();
    if (stopped_) return;
    // A kind that cannot be made is told to the client that asks for it.
    if (!key) {
      std::erase_if(kinds_, [&](const Kind& kind) { return kind.type == type; });
    } else if (Kind* const kind = find(type)) {
      kind->keys.push_back(*std::move(key));
    }
  }
}

void KeysAhead::stop() {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::size_t KeysAhead::ready(crypto::KeyType type) const {
  const std::scoped_lock lock(mutex_);
  const auto at = std::ranges::find(kinds_, type, &Kind::type);
  return at == kinds_.end() ? 0 : at->keys.size();
}

}  // namespace chancery::enrol
