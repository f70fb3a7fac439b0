#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/algorithm.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"

namespace chancery::keys {

// Signer makes signatures with one private key that it does not show. Thread-safe.
class Signer {
 public:
  virtual ~Signer() = default;
  // key_id names the key within its store.
  [[nodiscard]] virtual std::string_view key_id() const = 0;
  [[nodiscard]] virtual const crypto::PublicKey& public_key() const = 0;
  // sign signs `message` (not its digest). Errors: kInvalidArgument (scheme does not fit the key),
  // kUnavailable (token gone), kInternal.
  [[nodiscard]] virtual Result<Bytes> sign(crypto::SignatureScheme scheme,
                                           BytesView message) const = 0;
  // slow says that a signature takes longer than a reactor may spend: use a lane.
  [[nodiscard]] virtual bool slow() const = 0;
};

struct KeyInfo {
  std::string id;
  crypto::KeyType type;
};

// KeyStore keeps private keys. What generate returned survives a crash from then on. Thread-safe.
// Errors common to all: kUnavailable (the store cannot be reached), kDataLoss (a key fails its
// check).
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  // generate makes a key under a new random id. Errors: kInvalidArgument (a type that signs
  // nothing).
  [[nodiscard]] virtual Result<std::shared_ptr<const Signer>> generate(crypto::KeyType type) = 0;
  // import_key stores a key made elsewhere under a new random id. Errors: kInvalidArgument (a type
  // that signs nothing), kUnsupported (the store takes no keys from outside).
  [[nodiscard]] virtual Result<std::shared_ptr<const Signer>> import_key(
      const crypto::PrivateKey& key) = 0;
  // find loads a key. Errors: kNotFound.
  [[nodiscard]] virtual Result<std::shared_ptr<const Signer>> find(std::string_view id) const = 0;
  [[nodiscard]] virtual Result<std::vector<KeyInfo>> list() const = 0;
  // destroy removes a key for good. Errors: kNotFound.
  [[nodiscard]] virtual Result<void> destroy(std::string_view id) = 0;
  // health says whether signing would work now.
  [[nodiscard]] virtual Result<void> health() const = 0;
};

}  // namespace chancery::keys
