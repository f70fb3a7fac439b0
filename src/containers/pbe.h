#pragma once

#include "asn1/reader.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "crypto/digest.h"

// Encryption and MACs under a password. Internal to this folder.
namespace chancery::containers {

// Secrets are the forms of one password: UTF-8 for PBES2 and PBMAC1, UTF-16 for PKCS#12's own.
struct Secrets {
  BytesView utf8;
  BytesView utf16;  // empty: no password; two zeros: the empty password
};

// Budget bounds what all derivations of one file may cost together. Not thread-safe.
class Budget {
 public:
  explicit Budget(std::uint64_t iterations) : left_(iterations) {}
  // spend takes an iteration count as the file says it. Errors: kMalformed (not positive),
  // kTooLarge.
  [[nodiscard]] Result<std::uint32_t> spend(std::int64_t iterations);

 private:
  std::uint64_t left_;
};

// decrypt undoes what an AlgorithmIdentifier (the whole element) says: PBES2 with PBKDF2 and
// AES-CBC or 3DES (RFC 8018), or PKCS#12's 3DES with SHA-1. Errors: kUnsupported (names the scheme;
// RC2 is one), kMalformed, kTooLarge (iterations), kRefused (wrong password or altered).
[[nodiscard]] Result<SecretBytes> decrypt(BytesView algorithm, BytesView ciphertext,
                                          const Secrets& secrets, Budget& budget);

// encrypt makes PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC under a fresh salt and IV.
struct Encrypted {
  Bytes algorithm;  // AlgorithmIdentifier, header included
  Bytes ciphertext;
};
[[nodiscard]] Result<Encrypted> encrypt(BytesView plaintext, BytesView utf8_password,
                                        std::uint32_t iterations, Random& random);

// pbmac1 computes what an AlgorithmIdentifier of RFC 9579 (the whole element) says.
[[nodiscard]] Result<Bytes> pbmac1(BytesView algorithm, BytesView message, BytesView utf8_password,
                                   Budget& budget);
// pbmac1_algorithm writes an AlgorithmIdentifier with HMAC-SHA-256 throughout.
[[nodiscard]] Bytes pbmac1_algorithm(BytesView salt, std::uint32_t iterations);

// read_digest reads an AlgorithmIdentifier of SHA-1, -256, -384 or -512. Errors: kUnsupported.
[[nodiscard]] Result<crypto::DigestAlgorithm> read_digest(asn1::Reader& in);
[[nodiscard]] bool is_pbmac1(BytesView algorithm);

inline constexpr std::size_t kSaltSize = 16;

}  // namespace chancery::containers
