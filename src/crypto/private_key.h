#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "base/secret_bytes.h"
#include "crypto/public_key.h"

namespace chancery::crypto {

// PrivateKey is a software private key held by the crypto library. Move-only, not printable; const
// members are thread-safe.
class PrivateKey {
 public:
  // generate makes a new key pair from the library's DRBG. RSA-2048 takes about 60 ms of CPU,
  // and gives up soon after `cancelled`, if any, becomes true. Errors: kInvalidArgument (rsa_bits),
  // kUnavailable (cancelled), kInternal.
  [[nodiscard]] static Result<PrivateKey> generate(KeyType type,
                                                   const std::atomic<bool>* cancelled = nullptr);
  // from_pkcs8 reads an unencrypted PrivateKeyInfo (RFC 5958; for ML-DSA and ML-KEM every form of
  // RFC 9881 and 9935: seed, expanded, both). Errors: kMalformed, kUnsupported, kRefused (weak or
  // inconsistent key).
  [[nodiscard]] static Result<PrivateKey> from_pkcs8(BytesView der);
  // from_pem reads "PRIVATE KEY", "RSA PRIVATE KEY" (PKCS#1) or "EC PRIVATE KEY" (SEC 1). The text
  // holds exactly one of them; other blocks (certificates, EC PARAMETERS) are passed over. Errors:
  // as above, kMalformed also for no or several keys, kUnsupported for encrypted ones.
  [[nodiscard]] static Result<PrivateKey> from_pem(std::string_view text);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  [[nodiscard]] KeyType type() const { return public_key().type(); }
  [[nodiscard]] const PublicKey& public_key() const;
  // to_pkcs8 writes version 1, without the public key; ML-DSA as its seed where that is known.
  [[nodiscard]] Result<SecretBytes> to_pkcs8() const;
  // to_traditional gives PKCS#1 for RSA, SEC 1 for ECDSA, PKCS#8 for the rest, with the PEM label
  // to use ("RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"): what Vault's private_key holds.
  struct Traditional {
    std::string_view label;
    SecretBytes der;
  };
  [[nodiscard]] Result<Traditional> to_traditional() const;

  // sign signs `message` (not its digest). ECDSA and ML-DSA signatures differ each time. Errors:
  // kInvalidArgument (scheme does not fit), kInternal.
  [[nodiscard]] Result<Bytes> sign(SignatureScheme scheme, BytesView message) const;

 private:
  struct State;
  explicit PrivateKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chancery::crypto
