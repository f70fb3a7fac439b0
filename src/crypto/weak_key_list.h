#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"

namespace chancery::crypto {

inline constexpr std::size_t kMaxWeakKeyListBytes = 256 * 1024 * 1024;

// WeakKeyList are keys that somebody else found out, by their hashes: those of CVE-2008-0166 in the
// lists that Debian's openssl-blacklist had, or any others by the SHA-256 of their
// SubjectPublicKeyInfo. 10 or 32 octets of memory an entry. Immutable after `add`, then
// thread-safe.
class WeakKeyList {
 public:
  // add reads lines and keeps what they name: 20 hexadecimal digits are the second half of the
  // SHA-1 of "Modulus=", the modulus in capital digits, and a line feed (RSA); 64 are the SHA-256
  // of a SubjectPublicKeyInfo (any key). Empty lines and those that begin with '#' say nothing.
  // Errors: kMalformed (with the line; nothing of the text is kept), kTooLarge (over 256 MiB).
  [[nodiscard]] Result<void> add(std::string_view text);

  // contains costs a hash or two of the key and a binary search: a few µs.
  [[nodiscard]] bool contains(const PublicKey& key) const;
  [[nodiscard]] std::size_t size() const { return moduli_.size() + keys_.size(); }

 private:
  using ModulusHash = std::array<std::uint8_t, 10>;
  std::vector<ModulusHash> moduli_;  // sorted
  std::vector<Sha256> keys_;         // sorted
};

// check_weak_key_list refuses a key of the list. Errors: kRefused, "rule" weak_key.
[[nodiscard]] Result<void> check_weak_key_list(const WeakKeyList& list, const PublicKey& key);

}  // namespace chancery::crypto
