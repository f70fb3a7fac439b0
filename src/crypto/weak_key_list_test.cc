#include "crypto/weak_key_list.h"

#include <doctest/doctest.h>

#include <string>

#include "asn1/writer.h"
#include "crypto/private_key.h"

namespace chancery::crypto {
namespace {

// A key of CVE-2008-0166 and its line in Debian's list of 2048 bits.
constexpr std::string_view kDebianModulus =
    "d673252af6723c3f72529403eab7c30def3c52f97e799825f4a70191c616adcf1ece1113f1625971074c492c59"
    "2025fdeadbdb146a081826bdf0d77c3c913dcf1b6f0b3b78f5108d2e493ad0eee8ca5c021711adc13d358e6113"
    "3870fcd19c8e5c22403959782aa82e72aee53a3d491e3912ce27b27e1a85ea69c19a527d28f7934c9823b7e56f"
    "dd657dac83fdc65bb22a98d843df73238919781b714c81a5e2afec71f5c54aa2a27c590ad94c03c1062d50efcf"
    "fac743e3c8a3ae056846a1d756eb862bf4224169d467c35215ade0afcc11e85fe629afb802c4786ff2e9c929bc"
    "cf502b3d3b8876c6a11785cc398b389f1d86bdd9cb0bd4ec13956ec3fa270d";
constexpr std::string_view kDebianLine = "8df20e6961a16398b85a";

PublicKey debian_key() {
  asn1::Writer numbers;
  numbers.sequence([&] {
    numbers.unsigned_integer(parse_hex(kDebianModulus).value());
    numbers.integer(65537);
  });
  asn1::Writer w;
  w.sequence([&] {
    w.raw(parse_hex("300d06092a864886f70d0101010500").value());
    w.bit_string(numbers.view());
  });
  return PublicKey::from_spki(w.view()).value();
}

TEST_CASE("a key of Debian's list is found among others, and refused") {
  WeakKeyList list;
  CHECK_FALSE(list.contains(debian_key()));
  const std::string text = "# 2048 bits\n\n00000000000000000000\r\n" + std::string(kDebianLine) +
                           "\nffffffffffffffffffff\n";
  REQUIRE(list.add(text).has_value());
  CHECK(list.size() == 3);
  CHECK(list.contains(debian_key()));
  const auto refused = check_weak_key_list(list, debian_key());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kRefused);
  CHECK(refused.error().where.at(0).value == "weak_key");
  for (const KeyType type :
       {KeyType{KeyAlgorithm::kRsa, 2048}, KeyType{KeyAlgorithm::kEcdsaP256, 0}}) {
    const auto key = PrivateKey::generate(type).value();
    CHECK(check_weak_key_list(list, key.public_key()).has_value());
  }
}

TEST_CASE("any key is found by the SHA-256 of its SubjectPublicKeyInfo") {
  const auto key = PrivateKey::generate({KeyAlgorithm::kEd25519, 0}).value();
  const std::string line = hex(sha256(key.public_key().spki()));
  WeakKeyList list;
  REQUIRE(list.add(std::string(64, 'f')).has_value());
  CHECK_FALSE(list.contains(key.public_key()));
  REQUIRE(list.add(line + "\n" + line).has_value());
  CHECK(list.size() == 2);
  CHECK(list.contains(key.public_key()));
  CHECK_FALSE(list.contains(debian_key()));
}

TEST_CASE("a list with a line that says nothing known is refused whole, with the line") {
  WeakKeyList list;
  for (const char* const line : {"8df20e6961a16398b85", "8df20e6961a16398b85a00", "no digits", "-",
                                 "8df20e6961a16398b85a 1", "0x8df20e6961a16398b85a"}) {
    CAPTURE(line);
    const auto added = list.add(std::string(kDebianLine) + "\n#\n" + line);
    REQUIRE_FALSE(added.has_value());
    CHECK(added.error().code == Code::kMalformed);
    CHECK(added.error().where.at(0).value == "3");
    CHECK(list.size() == 0);
  }
  CHECK(list.add("").has_value());
}

}  // namespace
}  // namespace chancery::crypto
