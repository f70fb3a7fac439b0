#include "keys/software/software_key_store.h"

#include <doctest/doctest.h>

#include "base/fakes.h"
#include "base/test_directory.h"
#include "keys/key_store_conformance.h"
#include "keys/software/seal.h"
#include "os/file.h"

namespace chancery::keys {
namespace {

constexpr crypto::Argon2Cost kCheap{8 * 4, 1, 1};

TEST_CASE("the software key store conforms") {
  const TestDirectory folder;
  const std::string& directory = folder.path();
  FakeRandom random(7);
  REQUIRE(create_file_seal(directory, random).has_value());
  check_key_store(
      [&] {
        return std::make_unique<SoftwareKeyStore>(directory, unseal(directory, {}).value(), random);
      },
      {{crypto::KeyAlgorithm::kEcdsaP256},
       {crypto::KeyAlgorithm::kEcdsaP384},
       {crypto::KeyAlgorithm::kEd25519},
       {crypto::KeyAlgorithm::kRsa, 2048},
       {crypto::KeyAlgorithm::kMlDsa44},
       {crypto::KeyAlgorithm::kMlDsa65},
       {crypto::KeyAlgorithm::kMlDsa87}});
}

TEST_CASE("a passphrase seal opens with its passphrase only") {
  const TestDirectory folder;
  const std::string& directory = folder.path();
  FakeRandom random(8);
  CHECK(create_passphrase_seal(directory, as_bytes("short"), kCheap, random).error().code ==
        Code::kInvalidArgument);
  REQUIRE(create_passphrase_seal(directory, as_bytes("correct horse"), kCheap, random).has_value());
  CHECK(create_passphrase_seal(directory, as_bytes("correct horse"), kCheap, random).error().code ==
        Code::kAlreadyExists);
  CHECK(seal_kind(directory).value() == SealKind::kPassphrase);
  CHECK(unseal(directory, as_bytes("correct horse")).value().size() == 32);
  CHECK(unseal(directory, as_bytes("wrong horse")).error().code == Code::kUnauthenticated);
}

TEST_CASE("a file key that others can read is refused") {
  const TestDirectory folder;
  const std::string& directory = folder.path();
  FakeRandom random(9);
  REQUIRE(create_file_seal(directory, random).has_value());
  const Bytes key = os::read_file(directory + "/root.key").value();
  REQUIRE(os::write_file(directory + "/root.key", key, 0644).has_value());
  CHECK(unseal(directory, {}).error().code == Code::kRefused);
}

TEST_CASE("a damaged or swapped key file is noticed") {
  const TestDirectory folder;
  const std::string& directory = folder.path();
  FakeRandom random(10);
  REQUIRE(create_file_seal(directory, random).has_value());
  SoftwareKeyStore store(directory, unseal(directory, {}).value(), random);
  const std::string a(store.generate({crypto::KeyAlgorithm::kEcdsaP256}).value()->key_id());
  const std::string b(store.generate({crypto::KeyAlgorithm::kEcdsaP256}).value()->key_id());
  Bytes content = os::read_file(directory + "/" + a + ".key").value();
  REQUIRE(os::write_file(directory + "/" + b + ".key", content, 0600).has_value());
  CHECK(store.find(b).error().code == Code::kDataLoss);
  content.back() ^= 1;
  REQUIRE(os::write_file(directory + "/" + a + ".key", content, 0600).has_value());
  CHECK(store.find(a).error().code == Code::kDataLoss);
}

}  // namespace
}  // namespace chancery::keys
