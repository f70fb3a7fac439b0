#include "crypto/weak_key.h"

#include <doctest/doctest.h>

#include <string_view>

#include "asn1/pem.h"
#include "asn1/writer.h"
#include "crypto/private_key.h"

namespace chancery::crypto {
namespace {

// Made for this test: two primes of the form k·M + (65537^a mod M), M the product of the first 126
// primes.
constexpr std::string_view kRoca =
    "b5518be09612bb7e119eae3a1868ba28fcd64291d0cc35f1c122befd81f2918121df6e1b80cee3d923c741b74d"
    "5bbf408badeab98a0e516b1a0785463dec40c28c3e9732283b800070eb7254e455546ccceec40f089ef4997d86"
    "b21e6fac7578ac693695dce687162da46eea27f1c928a70c7df11c44bc48ec90ee94fb3371a9714c126d665848"
    "96c45552abcea3d0fd58b0bc69f48e655eff746f9c06ea8eee4044c4c8f3e49816704f0e479a8c1375353f129c"
    "840335c9e11c6249c004e778e2d847202e7deb266aed73418ceb6afdf3dde29baf2da6f09a2a25b13a649d147d"
    "115b5a2c08e8bba0a5bf70ed8ec12f7d546b25a617c4da3889205b65f29287";

// Two primes found by the first of Fermat's steps, by the 38th, and by the 9,700th.
constexpr std::string_view kClose =
    "ba5741e61c3ed2be632232a70e4c9a5b440fc3f5aa7f33bf57be96e4678409fee8cf452dd6ba1f7fc3769805ec"
    "af0c6ddf16599d01774f53a018cd14909060ddb24099596dc8f38f2f5cf835b605dc32c36f077618e92eabf4c4"
    "b050d19c436b6dbed49d67cbcd788f78366d857f33d44b22c1e93fbe4c235ef025e39df6e0a0bbbfa20a1d6ac2"
    "43b96704fcea9eff18b47c26e501b09d854ed1b578d5a30fd4d40095c2d4975263c01b3873413d1f5cdf42a5ae"
    "89adaed2523cd273a8384f70c9d7b268ccc1f4ce031aa6dc579c6861f2222626d812b4728d3d4958be2ec89979"
    "225ef5a3c1b445a6f95d94f0d894d8d763d38785b8decd4fdf6e80dd0be827";
constexpr std::string_view kClose38 =
    "ba5741e61c3ed2be632232a70e4c9a5b440fc3f5aa7f33bf57be96e4678409fee8cf452dd6ba1f7fc3769805ec"
    "af0c6ddf16599d01774f53a018cd14909060eb58d1b875ec929e01a30d0a7636e8651d38f3335dc7a6fbeaf83d"
    "a0d41f11a35229ad3badaa359353a71df6e1f79f2dcebfc2aae932f14f5b1a471bb571ef734db3528b09b68c8a"
    "c48f04706142a244987c72462650d10ae1abfa7709c72469fa3263326b5a54d057f5275b4cfc64af6ef50c90e3"
    "348cd37c70794d5d9a351ea1b02bd615b47c03242ca2034931b79f7450e8b259ffc35ad1bff6808423fcd084e2"
    "84ea0960b340fc3d31c2f33fbe25d539bbffe81d0d213a345066a8f5996827";
constexpr std::string_view kFar =
    "ba5741e61c3ed2be632232a70e4c9a5b440fc3f5aa7f33bf57be96e4678409fee8cf452dd6ba1f7fc3769805ec"
    "af0c6ddf16599d01774f53a018cd14909061b81b66709ee755f1172d3e0551d97249823476076660a954760922"
    "b14ae3dc4933f8330201d6751e7a4150d299dc3de566fa772c55d1cc4092b48804f5b3ca8e0e6c612faab31e82"
    "5b397a5d52b72eb863de9cd974592b189b9a34a6a88fea7af62ae32078ad4a37d41053b1daa68d21517f89244c"
    "ff7bfa2ff713cf355e63b4c18aa463ae9e717341230df17a2362eb0ae95f563550de779f1f8ec0bb6a9250f073"
    "fea69002599f0e2b685aa96fd530e055994eabd112e0d8e2286193e86ddd89";

// 751 times a prime.
constexpr std::string_view kSmallFactor =
    "ac9abf409c483f8fdcbc3bbd38cf459e488872225a10782f188d9458e50d7ff9685ac80913215be86087a667cc"
    "6cdb5c6dbf179fa11f8dc8352c9499e7c76e874a096263a8728332933a18fa73100a7de4fb137a4bfb2072ceb3"
    "1144e3cd76d22e01ddc79e5f7ff1255247be4eb21e25469ee1d64b2f01b98b1251706bcf3651bc034782bfc587"
    "746968d7af0e7d91bc2b4ed547d625239b45575d60232c12225c094554b2abdc6ae0f3f2ca98f2d8d621a1e303"
    "b650a2f913d17b770957e49e607bb01fd2e10952aeb079aefd1cd00b6fc7b13a20522df1faedbea277163c5a8c"
    "3083eef9474fb42e9a637d24a5c6198133bb801d28be27696a3f4919b12ef3";

// RFC 9500 section 2.1, the beginnings of testRSA2048 and testRSA4096.
constexpr std::string_view kTestRsa2048 =
    "b0f9e81943a7ae9892aade17ca7c40f874744fed2f814886c8eaa27b7d001548fb51";
constexpr std::string_view kTestRsa4096 =
    "b38b4960e63be6a8dba89a82978ef1f63244e5577d8cf58616d5ca5759d49cc8d936";

PublicKey rsa(BytesView modulus) {
  asn1::Writer numbers;
  numbers.sequence([&] {
    numbers.unsigned_integer(modulus);
    numbers.integer(65537);
  });
  asn1::Writer w;
  w.sequence([&] {
    w.raw(parse_hex("300d06092a864886f70d0101010500").value());
    w.bit_string(numbers.view());
  });
  return PublicKey::from_spki(w.view()).value();
}

std::string reason(const PublicKey& key) {
  const auto checked = check_weak_key(key);
  if (checked) return "";
  CHECK(checked.error().code == Code::kRefused);
  CHECK(checked.error().where.at(0).value == "weak_key");
  return checked.error().detail;
}

std::string rsa_reason(std::string_view hex) { return reason(rsa(parse_hex(hex).value())); }

TEST_CASE("weak RSA moduli are refused with the reason") {
  CHECK(rsa_reason(kRoca).contains("ROCA"));
  CHECK(rsa_reason(kClose).contains("too close"));
  CHECK(rsa_reason(kClose38).contains("too close"));
  CHECK(rsa_reason(kSmallFactor).contains("factor below 752"));
  CHECK(rsa_reason(kFar).empty());
}

TEST_CASE("the published test keys are refused") {
  const auto test_key = [](std::string_view beginning, std::size_t size) {
    Bytes modulus = parse_hex(beginning).value();
    modulus.resize(size, 0x01);
    return reason(rsa(modulus));
  };
  CHECK(test_key(kTestRsa2048, 256).contains("RFC 9500"));
  CHECK(test_key(kTestRsa4096, 512).contains("RFC 9500"));
  CHECK_FALSE(test_key(kTestRsa2048, 512).contains("RFC 9500"));
  for (const char* pem : {"MHcCAQEEIObLW92AqkWunJXowVR2Z5/+yVPBaFHnEedDk5WJxk/BoAoGCCqGSM49\n"
                          "AwEHoUQDQgAEQiVI+I+3gv+17KN0RFLHKh5Vj71vc75eSOkyMsxFxbFsTNEMTLjV\n"
                          "uKFxOelIgsiZJXKZNCX0FBmrfpCkKklCcg==\n",
                          "MIGkAgEBBDDiVjMo36v2gYhga5EyQoHB1YpEVkMbCdUQs1/syfMHyhgihG+iZxNx\n"
                          "qagbrA41dJ2gBwYFK4EEACKhZANiAARbCQG4hSMpbrkZ1Q/6GpyzdLxNQJWGKCv+\n"
                          "yhGx2VrbtUc0r1cL+CtyKM8ia89MJd28/jsaOtOUMO/3Y+HWjS4VHZFyC3eVtY2m\n"
                          "s0Y5YTqPubWo2kjGdHEX+ZGehCTzfsg=\n",
                          "MIHcAgEBBEIB2STcygqIf42Zdno32HTmN6Esy0d9bghmU1ZpTWi3ZV5QaWOP3ntF\n"
                          "yFQBPcd6NbGGVbhMlmpgIg1A+R7Z9RRYAuqgBwYFK4EEACOhgYkDgYYABAHQ/XJX\n"
                          "qEx0f1YldcBzhdvr8vUr6lgIPbgv3RUx2KrjzIdf8C/3+i2iYNjrYtbS9dZJJ44y\n"
                          "FzagYoy7swMItuYY2wD2KtIExkYDWbyBiriWG/Dw/A7FquikKBc85W8A3psVfB5c\n"
                          "gsZPVi/K3vxKTCj200LPPvYW/ILTO3KFySHyvzb92A==\n"}) {
    const std::string text =
        "-----BEGIN EC PRIVATE KEY-----\n" + std::string(pem) + "-----END EC PRIVATE KEY-----\n";
    CHECK(reason(PrivateKey::from_pem(text).value().public_key()).contains("RFC 9500"));
  }
}

TEST_CASE("sound keys of every family pass") {
  for (const KeyType type :
       {KeyType{KeyAlgorithm::kRsa, 2048}, KeyType{KeyAlgorithm::kRsa, 3072},
        KeyType{KeyAlgorithm::kEcdsaP256, 0}, KeyType{KeyAlgorithm::kEcdsaP521, 0},
        KeyType{KeyAlgorithm::kEd448, 0}, KeyType{KeyAlgorithm::kX25519, 0},
        KeyType{KeyAlgorithm::kMlDsa44, 0}, KeyType{KeyAlgorithm::kMlKem768, 0}}) {
    CHECK(reason(PrivateKey::generate(type).value().public_key()).empty());
  }
}

}  // namespace
}  // namespace chancery::crypto
