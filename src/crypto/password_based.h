#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "crypto/digest.h"

namespace chancery::crypto {

// What files protected by a password are made of. The callers bound the iterations: 1 million take
// some 0.3 s.

// pbkdf2 is RFC 8018 section 5.2. Bounds: iterations 1..2^31-1, length 1..1024. Errors:
// kInvalidArgument.
[[nodiscard]] Result<SecretBytes> pbkdf2(DigestAlgorithm prf, BytesView password, BytesView salt,
                                         std::uint32_t iterations, std::size_t length);

// The diversifiers of RFC 7292 appendix B.3.
enum class Pkcs12Purpose : std::uint8_t { kKey = 1, kIv = 2, kMac = 3 };

// pkcs12_kdf is RFC 7292 appendix B.2; `password` is UTF-16BE with its final zero. Bounds and
// errors as above.
[[nodiscard]] Result<SecretBytes> pkcs12_kdf(DigestAlgorithm algorithm, Pkcs12Purpose purpose,
                                             BytesView password, BytesView salt,
                                             std::uint32_t iterations, std::size_t length);

// Triple DES is for reading old files only.
enum class CbcCipher : std::uint8_t { kAes128, kAes192, kAes256, kTripleDes };
[[nodiscard]] std::size_t key_size(CbcCipher cipher);
[[nodiscard]] std::size_t block_size(CbcCipher cipher);

// CBC with PKCS#7 padding (RFC 5652 section 6.3). It has no integrity of its own. Errors:
// kInvalidArgument (sizes of key and iv), kRefused (bad padding: a wrong key or altered bytes).
[[nodiscard]] Result<SecretBytes> cbc_decrypt(CbcCipher cipher, BytesView key, BytesView iv,
                                              BytesView ciphertext);
[[nodiscard]] Result<Bytes> cbc_encrypt(CbcCipher cipher, BytesView key, BytesView iv,
                                        BytesView plaintext);

}  // namespace chancery::crypto
