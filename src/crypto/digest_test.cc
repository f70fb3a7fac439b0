#include "crypto/digest.h"

#include <doctest/doctest.h>

#include <string>

namespace chancery::crypto {
namespace {

TEST_CASE("digests match FIPS 180-4") {
  const BytesView abc = as_bytes("abc");
  CHECK(hex(sha1(abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(sha256(abc)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(digest(DigestAlgorithm::kSha384, abc)) ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134"
        "c825a7");
  CHECK(hex(digest(DigestAlgorithm::kSha512, abc)) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3"
        "feebbd454d4423643ce80e"
        "2a9ac94fa54ca49f");
  CHECK(hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("messages in pieces hash as in one") {
  CHECK(sha256(as_bytes("a"), as_bytes("bc")) == sha256(as_bytes("abc")));
  Hasher hasher(DigestAlgorithm::kSha256);
  for (int round = 0; round < 2; ++round) {
    hasher.update(as_bytes("a"));
    hasher.update({});
    hasher.update(as_bytes("bc"));
    CHECK(equal(hasher.finish(), sha256(as_bytes("abc"))));
  }
  Hasher moved = std::move(hasher);
  CHECK(equal(moved.finish(), sha256({})));
}

TEST_CASE("HMAC matches RFC 4231 and takes an empty key") {
  const Bytes key(20, 0x0b);
  CHECK(hex(hmac(DigestAlgorithm::kSha256, key, as_bytes("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac(DigestAlgorithm::kSha384, as_bytes("Jefe"),
                 as_bytes("what do ya want for nothing?"))) ==
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfa"
        "b21649");
  const Bytes long_key(131, 0xaa);
  CHECK(hex(hmac(DigestAlgorithm::kSha512, long_key,
                 as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d"
        "6a1e5295e64f73f63f0aec"
        "8b915a985d786598");
  CHECK(hex(hmac(DigestAlgorithm::kSha256, {}, {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  // RFC 2202, test case 2
  CHECK(hex(hmac(DigestAlgorithm::kSha1, as_bytes("Jefe"),
                 as_bytes("what do ya want for nothing?"))) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

}  // namespace
}  // namespace chancery::crypto
