#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/secret_bytes.h"

namespace chancery::acme {

// Nonces makes and redeems replay nonces (RFC 8555 section 6.5) without storing any: a nonce is a
// number and its MAC under a key of this run of the program, and one bit says whether it was used.
// Only the latest kWindow are good; older ones, those of another run and made-up ones are not.
// Thread-safe.
class Nonces {
 public:
  static constexpr std::uint64_t kWindow = 1U << 20U;

  explicit Nonces(Random& random);

  [[nodiscard]] std::string make();
  // redeem uses a nonce up: of all who redeem the same one, one succeeds.
  [[nodiscard]] bool redeem(std::string_view nonce);

 private:
  [[nodiscard]] Bytes mac(std::uint64_t number) const;

  SecretBytes key_;
  std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::vector<bool> used_;  // of the number modulo kWindow
};

}  // namespace chancery::acme
