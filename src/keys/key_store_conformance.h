#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>

#include "keys/key_store.h"

namespace chancery::keys {

// A key from outside signs as the one that was given, and is another key than all before.
inline void check_import(KeyStore& store, const KeyStore& reopened,
                         const std::vector<crypto::KeyType>& types,
                         std::set<std::string, std::less<>>& ids) {
  for (const crypto::KeyType type : types) {
    const auto made = crypto::PrivateKey::generate(type).value();
    const auto signer = store.import_key(made).value();
    CHECK(ids.insert(std::string(signer->key_id())).second);
    CHECK(equal(signer->public_key().spki(), made.public_key().spki()));
    const auto again = reopened.find(signer->key_id()).value();
    const auto scheme = crypto::default_scheme(type);
    const Bytes signature = again->sign(scheme, as_bytes("message")).value();
    CHECK(made.public_key().verify(scheme, as_bytes("message"), signature).has_value());
    // The same key once more is another entry.
    const auto twice = store.import_key(made).value();
    CHECK(ids.insert(std::string(twice->key_id())).second);
  }
  const auto agreeing = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kX25519, 0}).value();
  CHECK(store.import_key(agreeing).error().code == Code::kInvalidArgument);
}

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
  check_import(*store, *open(), types, ids);
  for (const auto& id : ids) {
    CHECK(store->destroy(id).has_value());
    CHECK(store->find(id).error().code == Code::kNotFound);
  }
  CHECK(open()->list().value().empty());
}

}  // namespace chancery::keys
