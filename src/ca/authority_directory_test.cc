#include "ca/authority_directory.h"

#include <doctest/doctest.h>

#include <functional>

#include "ca/test_authority.h"

namespace chancery::ca {
namespace {

// BusyKeys is a key store in which something happens between the reading of a key and its use.
class BusyKeys final : public keys::KeyStore {
 public:
  explicit BusyKeys(keys::KeyStore& keys) : keys_(keys) {}

  Result<std::shared_ptr<const keys::Signer>> find(std::string_view id) const override {
    auto found = TRY(keys_.find(id));
    ++reads;
    last = found;
    meanwhile();
    return found;
  }
  Result<std::shared_ptr<const keys::Signer>> generate(crypto::KeyType type) override {
    return keys_.generate(type);
  }
  Result<std::shared_ptr<const keys::Signer>> import_key(const crypto::PrivateKey& key) override {
    return keys_.import_key(key);
  }
  [[nodiscard]] Result<std::vector<keys::KeyInfo>> list() const override { return keys_.list(); }
  Result<void> destroy(std::string_view id) override { return keys_.destroy(id); }
  [[nodiscard]] Result<void> health() const override { return keys_.health(); }

  std::function<void()> meanwhile = [] {};
  mutable int reads = 0;
  mutable std::weak_ptr<const keys::Signer> last;

 private:
  keys::KeyStore& keys_;
};

struct World {
  TestAuthority base;
  BusyKeys keys{*base.keys};
  AuthorityDirectory directory{base.store->state(), keys};

  void key_is_erased() {
    record::WriteSet set;
    set.erase({record::StateKind::kKey, base.scope, base.authority->record().key_id});
    const record::CommittedSet committed{&set, 0};
    directory.committed({&committed, 1});
  }
};

TEST_CASE("a key is read once, and again when it was erased") {
  World w;
  for (int i = 0; i < 3; ++i) REQUIRE(w.directory.list(w.base.scope).has_value());
  CHECK(w.keys.reads == 1);
  CHECK_FALSE(w.keys.last.expired());
  w.key_is_erased();
  CHECK(w.keys.last.expired());
  REQUIRE(w.directory.list(w.base.scope).has_value());
  CHECK(w.keys.reads == 2);
}

TEST_CASE("a key that is erased while it is read does not stay in memory") {
  World w;
  w.keys.meanwhile = [&] { w.key_is_erased(); };
  REQUIRE(w.directory.list(w.base.scope).has_value());
  CHECK(w.keys.last.expired());
}

}  // namespace
}  // namespace chancery::ca
