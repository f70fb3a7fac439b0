#include "containers/pkcs12.h"

#include <doctest/doctest.h>

#include <string>

#include "asn1/writer.h"
#include "containers/pkcs12_oids.h"
#include "containers/test_content.h"

namespace chancery::containers {
namespace {

constexpr std::uint32_t kFew = 2;  // iterations, so that tests are quick

Pkcs12 sample() {
  Pkcs12 content;
  for (const crypto::KeyAlgorithm algorithm :
       {crypto::KeyAlgorithm::kEcdsaP256, crypto::KeyAlgorithm::kEd25519}) {
    testing::Pair pair = testing::make_pair(algorithm);
    const Bytes id = {static_cast<std::uint8_t>(algorithm)};
    content.certificates.push_back({std::move(pair.certificate), "Schlüssel 🔑", id, false});
    content.keys.push_back({std::move(pair.key), "Schlüssel 🔑", id});
  }
  content.certificates.push_back(
      {testing::make_pair(crypto::KeyAlgorithm::kEd25519).certificate, "root", {}, true});
  return content;
}

Bytes write(const Pkcs12& content, Password password, Pkcs12Mac mac = Pkcs12Mac::kHmacSha256) {
  FakeRandom random;
  return write_pkcs12(content, password, random, {kFew, mac}).value();
}

Error error_of(BytesView file, Password password, const Pkcs12Limits& limits = {}) {
  auto read = read_pkcs12(file, password, limits);
  REQUIRE_FALSE(read.has_value());
  return std::move(read).error();
}

TEST_CASE("PKCS#12 round-trips with every attribute, under either MAC") {
  const Pkcs12 content = sample();
  for (const Pkcs12Mac mac : {Pkcs12Mac::kHmacSha256, Pkcs12Mac::kPbmac1}) {
    const Bytes file = write(content, "pässwörd 🔒", mac);
    const Pkcs12 read = read_pkcs12(file, "pässwörd 🔒").value();
    CHECK(read.has_mac);
    REQUIRE(read.keys.size() == content.keys.size());
    REQUIRE(read.certificates.size() == content.certificates.size());
    for (std::size_t i = 0; i < read.keys.size(); ++i) {
      CHECK(equal(read.keys[i].key.public_key().spki(), content.keys[i].key.public_key().spki()));
      CHECK(read.keys[i].friendly_name == content.keys[i].friendly_name);
      CHECK(read.keys[i].local_key_id == content.keys[i].local_key_id);
    }
    for (std::size_t i = 0; i < read.certificates.size(); ++i) {
      CHECK(
          equal(read.certificates[i].certificate.der(), content.certificates[i].certificate.der()));
      CHECK(read.certificates[i].friendly_name == content.certificates[i].friendly_name);
      CHECK(read.certificates[i].trusted == content.certificates[i].trusted);
    }
    const Error error = error_of(file, "passwort");
    CHECK(error.code == Code::kRefused);
    CHECK(error.detail.contains("password is wrong"));
  }
}

TEST_CASE("empty and absent passwords open each other's files") {
  const Pkcs12 content = sample();
  const Bytes file = write(content, "");
  CHECK(read_pkcs12(file, "").has_value());
  CHECK(read_pkcs12(file, std::nullopt).has_value());
  CHECK(error_of(file, "x").code == Code::kRefused);
}

TEST_CASE("PKCS#12 is refused when truncated, and any altered byte shows") {
  const Bytes file = write(sample(), "secret");
  for (std::size_t size = 0; size < file.size(); size += 1 + file.size() / 80)
    CHECK_FALSE(read_pkcs12(BytesView(file).first(size), "secret").has_value());
  int accepted = 0;
  for (std::size_t at = 0; at < file.size(); at += 1 + file.size() / 200) {
    Bytes altered = file;
    altered[at] ^= 0x01;
    if (read_pkcs12(altered, "secret")) ++accepted;
  }
  CHECK(accepted == 0);
}

// A PFX with nothing inside and a MAC of so many iterations.
Bytes empty_pfx(std::int64_t iterations) {
  asn1::Writer w;
  w.sequence([&] {
    w.integer(3);
    w.sequence([&] {
      w.oid(oids::kData.der());
      w.nest(asn1::context_constructed(0), [&] { w.octet_string(Bytes{0x30, 0x00}); });
    });
    w.sequence([&] {
      w.sequence([&] {
        w.sequence([&] { w.oid(oids::kSha256.der()); });
        w.octet_string(Bytes(32));
      });
      w.octet_string(Bytes(8));
      w.integer(iterations);
    });
  });
  return std::move(w).take();
}

TEST_CASE("iterations are bounded before they are computed") {
  CHECK(error_of(empty_pfx(1), "x").code == Code::kRefused);
  const Error huge = error_of(empty_pfx(2'000'000'000), "x");
  CHECK(huge.code == Code::kTooLarge);
  CHECK(huge.detail.contains("2000000000"));
  CHECK(error_of(empty_pfx(std::int64_t{1} << 40), "x").code == Code::kTooLarge);
  CHECK(error_of(empty_pfx(0), "x").code == Code::kMalformed);
  CHECK(error_of(empty_pfx(-1), "x").code == Code::kMalformed);
  // The bound is one for the whole file: MAC, certificates and two keys take four derivations.
  const Bytes file = write(sample(), "secret");
  Pkcs12Limits limits;
  limits.iterations = 4 * kFew;
  CHECK(read_pkcs12(file, "secret", limits).has_value());
  limits.iterations = 4 * kFew - 1;
  CHECK(error_of(file, "secret", limits).code == Code::kTooLarge);
}

TEST_CASE("sizes and bags are bounded") {
  const Bytes file = write(sample(), "secret");
  Pkcs12Limits limits;
  limits.bags = 4;
  CHECK(error_of(file, "secret", limits).code == Code::kTooLarge);
  limits = {};
  limits.size = file.size() - 1;
  CHECK(error_of(file, "secret", limits).code == Code::kTooLarge);
}

TEST_CASE("what cannot be written is refused") {
  FakeRandom random;
  Pkcs12 content = sample();
  CHECK(write_pkcs12(content, "\xff", random, {kFew, Pkcs12Mac::kHmacSha256}).error().code ==
        Code::kInvalidArgument);
  CHECK(write_pkcs12(content, "x", random, {0, Pkcs12Mac::kHmacSha256}).error().code ==
        Code::kInvalidArgument);
  content.keys[0].friendly_name = std::string(5000, 'x');
  CHECK(write_pkcs12(content, "x", random, {kFew, Pkcs12Mac::kHmacSha256}).error().code ==
        Code::kInvalidArgument);
}

}  // namespace
}  // namespace chancery::containers
