#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "crypto/digest.h"

namespace chancery::crypto {

inline constexpr std::size_t kAesKeySize = 32;
inline constexpr std::size_t kGcmNonceSize = 12;
inline constexpr std::size_t kGcmTagSize = 16;

// aes256_gcm_seal returns nonce || ciphertext || tag with a fresh random nonce; `associated` is
// bound, not stored. At most 2^32 messages a key (NIST SP 800-38D section 8.3). Errors:
// kInvalidArgument (key size), kTooLarge (2 GiB).
[[nodiscard]] Result<Bytes> aes256_gcm_seal(BytesView key, BytesView plaintext,
                                            BytesView associated);
// aes256_gcm_open reverses it. Errors: kDataLoss (wrong key, altered bytes or associated data),
// kInvalidArgument (key size).
[[nodiscard]] Result<SecretBytes> aes256_gcm_open(BytesView key, BytesView sealed,
                                                  BytesView associated);

// hkdf is RFC 5869 extract-and-expand; `length` 1 to 255 digests. Errors: kInvalidArgument.
[[nodiscard]] Result<SecretBytes> hkdf(DigestAlgorithm algorithm, BytesView secret, BytesView salt,
                                       BytesView info, std::size_t length);

// Argon2id (RFC 9106). Bounds: memory 8 KiB a lane..4 GiB, iterations 1..64, lanes 1..16 (computed
// one after the other), salt at least 8 bytes, length 4..1024. Errors: kInvalidArgument, kInternal.
struct Argon2Cost {
  std::uint32_t memory_kib = 64 * 1024;
  std::uint32_t iterations = 3;
  std::uint32_t lanes = 4;
};
[[nodiscard]] Result<SecretBytes> argon2id(BytesView passphrase, BytesView salt,
                                           const Argon2Cost& cost, std::size_t length);

}  // namespace chancery::crypto
