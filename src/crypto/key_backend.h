#pragma once

// Internal to this folder: what a family of algorithms (RSA, ECDSA, the rest) implements. Each
// family has one file with factories; public_key.cc and private_key.cc do everything that is the
// same for all.

#include <memory>

#include "base/secret_bytes.h"
#include "crypto/algorithm.h"

namespace chancery::crypto {

// VerifyingKey is a parsed public key. Immutable and thread-safe.
class VerifyingKey {
 public:
  virtual ~VerifyingKey() = default;
  // `scheme` fits the key, so this is never called of one that signs nothing.
  [[nodiscard]] virtual bool verify(SignatureScheme scheme, BytesView message,
                                    BytesView signature) const = 0;
};

// SigningKey is a private key with its public half. Const members are thread-safe.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  [[nodiscard]] virtual KeyType type() const = 0;
  // The content of the BIT STRING of the SubjectPublicKeyInfo.
  [[nodiscard]] virtual Result<Bytes> public_key_bits() const = 0;
  // The content of the privateKey OCTET STRING of a PrivateKeyInfo.
  [[nodiscard]] virtual Result<SecretBytes> private_key_octets() const = 0;
  // `scheme` fits the key.
  [[nodiscard]] virtual Result<Bytes> sign(SignatureScheme scheme, BytesView message) const = 0;
};

struct ParsedPublicKey {
  KeyType type;
  std::unique_ptr<const VerifyingKey> key;
  bool slow_to_verify = false;  // by its numbers; PublicKey knows the algorithms that always are
};

using VerifyingKeyPtr = std::unique_ptr<const VerifyingKey>;
using SigningKeyPtr = std::unique_ptr<const SigningKey>;

}  // namespace chancery::crypto
