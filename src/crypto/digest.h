#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace chancery::crypto {

// SHA-1 is here for key identifiers and OCSP CertIDs only; no signature uses it.
enum class DigestAlgorithm : std::uint8_t { kSha1, kSha256, kSha384, kSha512 };

using Sha1 = std::array<std::uint8_t, 20>;
using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] std::size_t digest_size(DigestAlgorithm algorithm);
[[nodiscard]] Bytes digest(DigestAlgorithm algorithm, BytesView data);
[[nodiscard]] Sha1 sha1(BytesView data);
[[nodiscard]] Sha256 sha256(BytesView data);
// sha256 of a || b without joining them.
[[nodiscard]] Sha256 sha256(BytesView a, BytesView b);

// Hasher takes a message in pieces. Not thread-safe.
class Hasher {
 public:
  explicit Hasher(DigestAlgorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void update(BytesView data);
  // finish returns the digest; the Hasher is then ready for a new message.
  [[nodiscard]] Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Bytes hmac(DigestAlgorithm algorithm, BytesView key, BytesView message);

}  // namespace chancery::crypto
