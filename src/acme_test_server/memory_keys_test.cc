#include "acme_test_server/memory_keys.h"

#include "base/fakes.h"
#include "keys/key_store_conformance.h"

namespace chancery::acme_test {
namespace {

TEST_CASE("keys in memory are a key store like any other") {
  FakeRandom random{1};
  const MemoryKeys first(random);
  keys::check_key_store(
      [&] { return std::make_unique<MemoryKeys>(first); },
      {{crypto::KeyAlgorithm::kEcdsaP256, 0}, {crypto::KeyAlgorithm::kRsa, 2048}});
}

TEST_CASE("a key is shown under its own label, and signing waits for what it was told to") {
  FakeRandom random{1};
  int calls = 0;
  MemoryKeys keys(random, [&] { ++calls; });
  const auto signer = keys.generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const auto shown = keys.show(signer->key_id()).value();
  CHECK(shown.label == "EC PRIVATE KEY");
  CHECK(keys.show("absent").error().code == Code::kNotFound);
  CHECK(signer->slow());
  CHECK(calls == 0);
  CHECK(signer->sign(crypto::SignatureScheme::kEcdsaSha256, as_bytes("message")).has_value());
  CHECK(calls == 1);
}

}  // namespace
}  // namespace chancery::acme_test
