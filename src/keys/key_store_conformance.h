#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>

#include "keys/key_store.h"

namespace chancery::keys {

// What every key store must do. `open` opens the same underlying store each time it is called.
inline void check_key_store(const std::function<std::unique_ptr<KeyStore>()>& open,
                            const std::vector<crypto::KeyType>& types) {
  const auto store = open();
  REQUIRE(store->health().has_value());
  CHECK(store->list().value().empty());
  CHECK(store->find("absent").error().code == Code::kNotFound);
  CHECK(store->destroy("absent").error().code == Code::kNotFound);
  CHECK(store->find("../escape").error().code == Code::kNotFound);

  std::set<std::string, std::less<>> ids;
  for (const crypto::KeyType type : types) {
    const auto signer = store->generate(type).value();
    CHECK(signer->public_key().type() == type);
    CHECK(ids.insert(std::string(signer->key_id())).second);
    const auto scheme = crypto::default_scheme(type);
    const Bytes signature = signer->sign(scheme, as_bytes("message")).value();
    CHECK(signer->public_key().verify(scheme, as_bytes("message"), signature).has_value());
    CHECK_FALSE(signer->public_key().verify(scheme, as_bytes("Message"), signature).has_value());

    // A second opening of the store finds the same key.
    const auto again = open()->find(signer->key_id()).value();
    CHECK(equal(again->public_key().spki(), signer->public_key().spki()));
    const Bytes other = again->sign(scheme, as_bytes("message")).value();
    CHECK(signer->public_key().verify(scheme, as_bytes("message"), other).has_value());
  }
  CHECK(store->list().value().size() == types.size());
  for (const auto& id : ids) {
    CHECK(store->destroy(id).has_value());
    CHECK(store->find(id).error().code == Code::kNotFound);
  }
  CHECK(open()->list().value().empty());
}

}  // namespace chancery::keys
