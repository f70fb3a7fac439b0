#include "enrol/keys_ahead.h"

#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "base/bytes.h"

namespace chancery::enrol {
namespace {

constexpr crypto::KeyType kEc{crypto::KeyAlgorithm::kEcdsaP256, 0};

// Runs fill until `count` keys of a kind lie ready.
void fill_until(KeysAhead& keys, crypto::KeyType type, std::size_t count) {
  std::thread filler([&] { keys.fill(); });
  while (keys.ready(type) < count) std::this_thread::yield();
  keys.stop();
  filler.join();
}

TEST_CASE("keys are made once their kind was asked for, up to the bound, and each leaves once") {
  KeysAhead keys(3);
  CHECK_FALSE(keys.take(kEc));
  fill_until(keys, kEc, 3);
  CHECK(keys.ready(kEc) == 3);
  std::set<std::string> seen;
  for (int i = 0; i < 3; ++i) {
    const auto key = keys.take(kEc);
    REQUIRE(key);
    CHECK(key->type() == kEc);
    seen.insert(hex(key->public_key().spki()));
  }
  CHECK(seen.size() == 3);
  CHECK_FALSE(keys.take(kEc));
  CHECK(keys.ready(kEc) == 0);
}

TEST_CASE("without a bound nothing is kept, and very large RSA keys are not made ahead") {
  KeysAhead none(0);
  CHECK_FALSE(none.take(kEc));
  KeysAhead keys(1);
  CHECK_FALSE(keys.take({crypto::KeyAlgorithm::kRsa, 8192}));
  CHECK_FALSE(keys.take(kEc));
  fill_until(keys, kEc, 1);  // would wait for the large key for minutes
  CHECK(keys.ready({crypto::KeyAlgorithm::kRsa, 8192}) == 0);
}

TEST_CASE("a client that goes through all kinds of keys fills no more than four") {
  KeysAhead keys(1);
  for (unsigned bits = 2048; bits < 2048 + 64 * 8; bits += 64)
    CHECK_FALSE(keys.take({crypto::KeyAlgorithm::kRsa, bits}));
  CHECK_FALSE(keys.take(kEc));
  keys.stop();
  keys.fill();  // comes back at once
  CHECK(keys.ready(kEc) == 0);
}

TEST_CASE("a kind that cannot be made is given up") {
  KeysAhead keys(1);
  CHECK_FALSE(keys.take({crypto::KeyAlgorithm::kRsa, 1}));
  CHECK_FALSE(keys.take(kEc));
  fill_until(keys, kEc, 1);
  CHECK(keys.ready({crypto::KeyAlgorithm::kRsa, 1}) == 0);
}

}  // namespace
}  // namespace chancery::enrol
