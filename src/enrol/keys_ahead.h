#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "crypto/private_key.h"

namespace chancery::enrol {

// KeysAhead keeps new private keys of slow kinds (RSA, and whatever else takes milliseconds), made
// while nothing else was to do, so that a burst of requests for keys made by the server is answered
// at the speed of signing. Nobody has seen a key that lies here, and each leaves once. Which kinds
// it makes, it learns from what is asked for. Thread-safe.
class KeysAhead {
 public:
  // At most `bound` keys of a kind lie ready; 0 keeps none.
  explicit KeysAhead(std::size_t bound) : bound_(bound) {}
  KeysAhead(const KeysAhead&) = delete;
  KeysAhead& operator=(const KeysAhead&) = delete;

  // take gives a key, if one is ready, and has more of its kind made.
  [[nodiscard]] std::optional<crypto::PrivateKey> take(crypto::KeyType type);

  // fill makes keys on the calling thread until stop is called, which ends the making of one as
  // well: the thread's priority decides when it works.
  void fill();
  void stop();

  [[nodiscard]] std::size_t ready(crypto::KeyType type) const;

 private:
  struct Kind {
    crypto::KeyType type;
    std::vector<crypto::PrivateKey> keys;
  };
  // The kind with the fewest keys that has room; nothing when all are full. Locked.
  [[nodiscard]] std::optional<crypto::KeyType> wanted() const;
  [[nodiscard]] Kind* find(crypto::KeyType type);

  const std::size_t bound_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Kind> kinds_;  // a handful; guarded by mutex_
  std::atomic<bool> stopped_ = false;
};

}  // namespace chancery::enrol
