#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "keys/key_store.h"

namespace chancery::acme_test {

// MemoryKeys keeps private keys until the program ends, and shows them: that is what a test server
// is for. All of its keys count as slow, so that orders are finalized in the background as by a
// hardware module. Copies share their keys. Thread-safe.
class MemoryKeys final : public keys::KeyStore {
 public:
  // `before_signing` is called before each signature and may take its time.
  explicit MemoryKeys(Random& random, std::function<void()> before_signing = {});

  [[nodiscard]] Result<std::shared_ptr<const keys::Signer>> generate(crypto::KeyType type) override;
  [[nodiscard]] Result<std::shared_ptr<const keys::Signer>> import_key(
      const crypto::PrivateKey& key) override;
  [[nodiscard]] Result<std::shared_ptr<const keys::Signer>> find(
      std::string_view id) const override;
  [[nodiscard]] Result<std::vector<keys::KeyInfo>> list() const override;
  [[nodiscard]] Result<void> destroy(std::string_view id) override;
  [[nodiscard]] Result<void> health() const override { return {}; }

  // show gives a key in the form that has its own PEM label. Errors: kNotFound.
  [[nodiscard]] Result<crypto::PrivateKey::Traditional> show(std::string_view id) const;

 private:
  class Signer;
  struct State;
  [[nodiscard]] Result<std::shared_ptr<const keys::Signer>> add(crypto::PrivateKey key);
  [[nodiscard]] Result<std::shared_ptr<const Signer>> find_own(std::string_view id) const;

  Random& random_;
  std::shared_ptr<State> state_;
};

}  // namespace chancery::acme_test
