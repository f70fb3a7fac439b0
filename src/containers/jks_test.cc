#include "containers/jks.h"

#include <doctest/doctest.h>

#include <string>

#include "containers/jks_protection.h"
#include "containers/password.h"
#include "containers/test_content.h"

namespace chancery::containers {
namespace {

Jks sample() {
  Jks content;
  testing::Pair pair = testing::make_pair(crypto::KeyAlgorithm::kEcdsaP256);
  Jks::Key key{"Server", from_unix(1'700'000'000), std::move(pair.key), {}};
  key.chain.push_back(std::move(pair.certificate));
  content.keys.push_back(std::move(key));
  content.trusted.push_back({"wurzel-ü", from_unix(1'600'000'000),
                             testing::make_pair(crypto::KeyAlgorithm::kEd25519).certificate});
  return content;
}

Bytes write(const Jks& content, std::string_view password) {
  FakeRandom random;
  return write_jks(content, password, random).value();
}

// Signs a body again, so that what is behind the integrity check can be reached.
Bytes signed_again(Bytes file, std::string_view password) {
  file.erase(file.end() - kSha1Size, file.end());
  append(file, jks_digest(utf16(password, Zero::kWithout).value().view(), file));
  return file;
}

TEST_CASE("JKS round-trips") {
  const Jks content = sample();
  const Jks read = read_jks(write(content, "pässwort"), "pässwort").value();
  REQUIRE(read.keys.size() == 1);
  CHECK(read.keys[0].alias == "server");  // Java looks aliases up in lower case
  CHECK(read.keys[0].created == content.keys[0].created);
  CHECK(equal(read.keys[0].key.public_key().spki(), content.keys[0].key.public_key().spki()));
  REQUIRE(read.keys[0].chain.size() == 1);
  CHECK(equal(read.keys[0].chain[0].der(), content.keys[0].chain[0].der()));
  REQUIRE(read.trusted.size() == 1);
  CHECK(read.trusted[0].alias == "wurzel-ü");
  CHECK(equal(read.trusted[0].certificate.der(), content.trusted[0].certificate.der()));
}

TEST_CASE("a wrong password and an altered file are told") {
  const Bytes file = write(sample(), "changeit");
  const auto wrong = read_jks(file, "changed");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().code == Code::kRefused);
  CHECK(wrong.error().detail.contains("password is wrong"));
  for (std::size_t at = 0; at < file.size(); at += 1 + file.size() / 100) {
    Bytes altered = file;
    altered[at] ^= 0x01;
    CHECK_FALSE(read_jks(altered, "changeit").has_value());
  }
  for (std::size_t size = 0; size < file.size(); size += 1 + file.size() / 100)
    CHECK_FALSE(read_jks(BytesView(file).first(size), "changeit").has_value());
}

TEST_CASE("JKS files with a right trailer are parsed strictly, too") {
  const Bytes file = write(sample(), "changeit");
  const auto error = [&](std::size_t at, std::uint8_t value) {
    Bytes altered = file;
    altered[at] = value;
    const auto read = read_jks(signed_again(altered, "changeit"), "changeit");
    REQUIRE_FALSE(read.has_value());
    return read.error().code;
  };
  CHECK(error(0, 0xff) == Code::kMalformed);   // magic
  CHECK(error(7, 1) == Code::kUnsupported);    // version
  CHECK(error(8, 0xff) == Code::kTooLarge);    // entries
  CHECK(error(11, 1) == Code::kMalformed);     // one entry, and bytes behind it
  CHECK(error(15, 3) == Code::kMalformed);     // kind
  CHECK(error(16, 0xff) == Code::kMalformed);  // length of the alias
  Bytes jceks = file;
  jceks[0] = jceks[1] = jceks[2] = jceks[3] = 0xce;
  CHECK(read_jks(jceks, "changeit").error().code == Code::kUnsupported);
  CHECK(read_jks({}, "").error().code == Code::kMalformed);
}

TEST_CASE("what JKS cannot say is refused") {
  FakeRandom random;
  Jks content = sample();
  CHECK(write_jks(content, "", random).error().code == Code::kInvalidArgument);
  content.trusted[0].alias = "SERVER";
  CHECK(write_jks(content, "x", random).error().code == Code::kInvalidArgument);
  content.trusted[0].alias = "🔑";
  CHECK(write_jks(content, "x", random).error().code == Code::kInvalidArgument);
}

}  // namespace
}  // namespace chancery::containers
