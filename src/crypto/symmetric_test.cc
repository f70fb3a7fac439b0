#include "crypto/symmetric.h"

#include <doctest/doctest.h>

namespace chancery::crypto {
namespace {

TEST_CASE("AES-GCM opens what it sealed, and nothing that was altered") {
  const Bytes key(kAesKeySize, 0x11);
  const BytesView associated = as_bytes("tenant/mount/7");
  for (const std::size_t size : {0UZ, 1UZ, 16UZ, 1000UZ}) {
    const Bytes plaintext(size, 0x42);
    const Bytes sealed = aes256_gcm_seal(key, plaintext, associated).value();
    CHECK(sealed.size() == size + kGcmNonceSize + kGcmTagSize);
    CHECK(equal(aes256_gcm_open(key, sealed, associated).value().view(), plaintext));
    for (std::size_t at = 0; at < sealed.size(); at += 7) {
      Bytes altered = sealed;
      altered[at] ^= 1;
      CHECK(aes256_gcm_open(key, altered, associated).error().code == Code::kDataLoss);
    }
    CHECK(aes256_gcm_open(key, sealed, as_bytes("tenant/mount/8")).error().code == Code::kDataLoss);
    CHECK(aes256_gcm_open(Bytes(kAesKeySize, 0x12), sealed, associated).error().code ==
          Code::kDataLoss);
  }
  CHECK(aes256_gcm_open(key, Bytes(27), {}).error().code == Code::kDataLoss);
  CHECK(aes256_gcm_seal(Bytes(16), {}, {}).error().code == Code::kInvalidArgument);
  CHECK(aes256_gcm_open(Bytes(16), Bytes(40), {}).error().code == Code::kInvalidArgument);
  CHECK(aes256_gcm_seal(key, {}, {}).value() != aes256_gcm_seal(key, {}, {}).value());
}

TEST_CASE("HKDF matches RFC 5869, test case 1") {
  const Bytes secret(22, 0x0b);
  const Bytes salt = parse_hex("000102030405060708090a0b0c").value();
  const Bytes info = parse_hex("f0f1f2f3f4f5f6f7f8f9").value();
  CHECK(hex(hkdf(DigestAlgorithm::kSha256, secret, salt, info, 42).value().view()) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(hkdf(DigestAlgorithm::kSha256, secret, {}, {}, 255 * 32).has_value());
  CHECK(hkdf(DigestAlgorithm::kSha256, secret, {}, {}, 255 * 32 + 1).error().code ==
        Code::kInvalidArgument);
  CHECK(hkdf(DigestAlgorithm::kSha256, {}, {}, {}, 16).has_value());
}

TEST_CASE("Argon2id matches the reference implementation") {
  // echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1 (the phc-winner-argon2 test suite)
  CHECK(hex(argon2id(as_bytes("password"), as_bytes("somesalt"), {256, 2, 1}, 32).value().view()) ==
        "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
  CHECK(hex(argon2id(as_bytes("password"), as_bytes("somesalt"), {256, 2, 2}, 32).value().view()) ==
        "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
}

TEST_CASE("Argon2id keeps its bounds") {
  const auto code = [](const Argon2Cost& cost, std::size_t length) {
    const auto result = argon2id(as_bytes("password"), as_bytes("somesalt"), cost, length);
    return result ? Code::kInternal : result.error().code;
  };
  for (const Argon2Cost& cost :
       {Argon2Cost{7, 1, 1}, Argon2Cost{15, 1, 2}, Argon2Cost{4 * 1024 * 1024 + 1, 1, 1},
        Argon2Cost{64, 0, 1}, Argon2Cost{64, 65, 1}, Argon2Cost{64, 1, 0},
        Argon2Cost{256, 1, 17}}) {
    CHECK(code(cost, 32) == Code::kInvalidArgument);
  }
  CHECK(code({64, 1, 1}, 3) == Code::kInvalidArgument);
  CHECK(argon2id({}, as_bytes("somesalt"), {64, 1, 1}, 32).has_value());
  CHECK_FALSE(argon2id({}, as_bytes("short"), {64, 1, 1}, 32).has_value());
}

}  // namespace
}  // namespace chancery::crypto
