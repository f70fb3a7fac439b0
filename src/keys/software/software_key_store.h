#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "base/secret_bytes.h"
#include "keys/key_store.h"

namespace chancery::keys {

// SoftwareKeyStore keeps each private key in a file of its own, "<id>.key", encrypted with
// AES-256-GCM under the directory's root key (see seal.h); id and public key are bound to the
// ciphertext.
//
//   StoredKey ::= SEQUENCE { version INTEGER (1), id UTF8String, spki OCTET STRING, sealed OCTET
//   STRING }
//
// Loaded keys stay in memory, held by the crypto library, for as long as somebody holds their
// Signer.
class SoftwareKeyStore final : public KeyStore {
 public:
  // `root_key`: 32 bytes from unseal(). `directory` must exist.
  SoftwareKeyStore(std::string directory, SecretBytes root_key, Random& random);

  [[nodiscard]] Result<std::shared_ptr<const Signer>> generate(crypto::KeyType type) override;
  [[nodiscard]] Result<std::shared_ptr<const Signer>> import_key(
      const crypto::PrivateKey& key) override;
  [[nodiscard]] Result<std::shared_ptr<const Signer>> find(std::string_view id) const override;
  [[nodiscard]] Result<std::vector<KeyInfo>> list() const override;
  [[nodiscard]] Result<void> destroy(std::string_view id) override;
  [[nodiscard]] Result<void> health() const override;

  // export_pkcs8 gives a stored key's PKCS#8, for the server's own TLS key only.
  [[nodiscard]] Result<SecretBytes> export_pkcs8(std::string_view id) const;

 private:
  // store encrypts a key under a new id and writes its file; it returns the id.
  [[nodiscard]] Result<std::string> store(const crypto::PrivateKey& key);
  [[nodiscard]] std::string path_of(std::string_view id) const;

  std::string directory_;
  SecretBytes root_key_;
  Random& random_;
};

}  // namespace chancery::keys
