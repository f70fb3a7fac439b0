#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "asn1/oid.h"
#include "asn1/pem.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "crypto/private_key.h"

namespace chancery::crypto {
namespace {

constexpr std::array kTypes = {
    KeyType{KeyAlgorithm::kRsa, 2048},    KeyType{KeyAlgorithm::kEcdsaP256, 0},
    KeyType{KeyAlgorithm::kEcdsaP384, 0}, KeyType{KeyAlgorithm::kEd25519, 0},
    KeyType{KeyAlgorithm::kMlDsa44, 0},   KeyType{KeyAlgorithm::kMlDsa65, 0},
    KeyType{KeyAlgorithm::kMlDsa87, 0},   KeyType{KeyAlgorithm::kEcdsaP521, 0},
    KeyType{KeyAlgorithm::kEd448, 0},     KeyType{KeyAlgorithm::kSlhDsaSha2128f, 0}};

// Keys that sign nothing.
constexpr std::array kAgreementTypes = {
    KeyType{KeyAlgorithm::kX25519, 0}, KeyType{KeyAlgorithm::kX448, 0},
    KeyType{KeyAlgorithm::kMlKem512, 0}, KeyType{KeyAlgorithm::kMlKem768, 0},
    KeyType{KeyAlgorithm::kMlKem1024, 0}};

constexpr std::array kSchemes = {
    SignatureScheme::kRsaPkcs1Sha256, SignatureScheme::kRsaPkcs1Sha384,
    SignatureScheme::kRsaPkcs1Sha512, SignatureScheme::kRsaPssSha256,
    SignatureScheme::kRsaPssSha384,   SignatureScheme::kRsaPssSha512,
    SignatureScheme::kEcdsaSha256,    SignatureScheme::kEcdsaSha384,
    SignatureScheme::kEcdsaSha512,    SignatureScheme::kEd25519,
    SignatureScheme::kMlDsa44,        SignatureScheme::kMlDsa65,
    SignatureScheme::kMlDsa87,        SignatureScheme::kEd448,
    SignatureScheme::kSlhDsaSha2128f, SignatureScheme::kSlhDsaShake128f};

// One key of each type for the whole program: RSA keys take long to make.
const PrivateKey& key_of(KeyType type) {
  static std::vector<PrivateKey> keys = [] {
    std::vector<PrivateKey> made;
    for (const KeyType& each : kTypes) made.push_back(PrivateKey::generate(each).value());
    return made;
  }();
  return *std::ranges::find(keys, type, &PrivateKey::type);
}

Code pkcs8_error(BytesView der) {
  const auto key = PrivateKey::from_pkcs8(der);
  REQUIRE_FALSE(key.has_value());
  return key.error().code;
}

Code spki_error(BytesView der) {
  const auto key = PublicKey::from_spki(der);
  REQUIRE_FALSE(key.has_value());
  return key.error().code;
}

TEST_CASE("keys sign and verify with every scheme that fits, and refuse the others") {
  const BytesView message = as_bytes("to be signed");
  for (const KeyType& type : kTypes) {
    const PrivateKey& key = key_of(type);
    const PublicKey parsed = PublicKey::from_spki(key.public_key().spki()).value();
    CHECK(parsed.type() == type);
    for (const SignatureScheme scheme : kSchemes) {
      CAPTURE(to_string(type));
      CAPTURE(std::string(name(scheme)));
      const auto signature = key.sign(scheme, message);
      CHECK(signature.has_value() == fits(type.algorithm, scheme));
      if (!signature) {
        CHECK(signature.error().code == Code::kInvalidArgument);
        CHECK(parsed.verify(scheme, message, Bytes(64)).error().code == Code::kInvalidArgument);
        continue;
      }
      CHECK(parsed.verify(scheme, message, *signature).has_value());
      CHECK(parsed.verify(scheme, as_bytes("to be singed"), *signature).error().code ==
            Code::kRefused);
      Bytes altered = *signature;
      altered[altered.size() / 2] ^= 0x10;
      CHECK_FALSE(parsed.verify(scheme, message, altered).has_value());
      Bytes longer = *signature;
      longer.push_back(0);
      CHECK_FALSE(parsed.verify(scheme, message, longer).has_value());
      CHECK_FALSE(parsed.verify(scheme, message, {}).has_value());
      CHECK(parsed.verify(scheme, message, *signature)
                .has_value());  // no state is left by the failures
    }
  }
}

TEST_CASE("empty messages are signed too") {
  for (const KeyType& type : kTypes) {
    const SignatureScheme scheme = default_scheme(type);
    CHECK(key_of(type)
              .public_key()
              .verify(scheme, {}, key_of(type).sign(scheme, {}).value())
              .has_value());
  }
}

TEST_CASE("private keys round-trip through PKCS#8 and PEM") {
  for (const KeyType& type : kTypes) {
    CAPTURE(to_string(type));
    const PrivateKey& key = key_of(type);
    const SecretBytes der = key.to_pkcs8().value();
    const PrivateKey again = PrivateKey::from_pkcs8(der.view()).value();
    CHECK(again.type() == type);
    CHECK(equal(again.public_key().spki(), key.public_key().spki()));
    CHECK(equal(again.to_pkcs8().value().view(), der.view()));
    CHECK(PrivateKey::from_pem(asn1::pem("PRIVATE KEY", der.view())).has_value());
    const PrivateKey::Traditional traditional = key.to_traditional().value();
    const PrivateKey third =
        PrivateKey::from_pem(asn1::pem(traditional.label, traditional.der.view())).value();
    CHECK(equal(third.public_key().spki(), key.public_key().spki()));
    const SignatureScheme scheme = default_scheme(type);
    CHECK(key.public_key()
              .verify(scheme, der.view(), third.sign(scheme, der.view()).value())
              .has_value());
  }
}

TEST_CASE("traditional labels are the ones Vault gives") {
  CHECK(key_of(kTypes[0]).to_traditional().value().label == "RSA PRIVATE KEY");
  CHECK(key_of(kTypes[1]).to_traditional().value().label == "EC PRIVATE KEY");
  CHECK(key_of(kTypes[3]).to_traditional().value().label == "PRIVATE KEY");
}

TEST_CASE("PKCS#8 is refused when truncated, extended or altered anywhere") {
  for (const KeyType& type : kTypes) {
    CAPTURE(to_string(type));
    const SecretBytes der = key_of(type).to_pkcs8().value();
    Bytes longer = to_bytes(der.view());
    longer.push_back(0);
    CHECK(pkcs8_error(longer) == Code::kMalformed);
    for (std::size_t size = 0; size < der.size(); size += 1 + der.size() / 50) {
      CHECK_FALSE(PrivateKey::from_pkcs8(der.view().first(size)).has_value());
    }
  }
  // RSA and EC hold redundant numbers, so that any changed byte shows.
  for (const KeyType& type : {kTypes[0], kTypes[1], kTypes[2], kTypes[7]}) {
    CAPTURE(to_string(type));
    const SecretBytes der = key_of(type).to_pkcs8().value();
    for (std::size_t at = 0; at < der.size(); at += 1 + der.size() / 150) {
      Bytes altered = to_bytes(der.view());
      altered[at] ^= 0x02;
      CAPTURE(at);
      CHECK_FALSE(PrivateKey::from_pkcs8(altered).has_value());
    }
  }
}

TEST_CASE("a PKCS#8 v2 public key must belong to the private key") {
  const PrivateKey& key = key_of(kTypes[3]);
  const auto with_public_key = [&](BytesView public_key) {
    const SecretBytes der = key.to_pkcs8().value();
    asn1::Reader inner = asn1::Reader(der.view()).enter_sequence().value();
    (void)inner.read_int64().value();
    asn1::Writer w;
    w.sequence([&] {
      w.integer(1);
      w.raw(inner.rest());
      w.bit_string(public_key, 0, asn1::context(1));
    });
    return std::move(w).take();
  };
  CHECK(PrivateKey::from_pkcs8(with_public_key(key.public_key().key_bits())).has_value());
  const PrivateKey other = PrivateKey::generate(kTypes[3]).value();
  CHECK(pkcs8_error(with_public_key(other.public_key().key_bits())) == Code::kRefused);
}

TEST_CASE("an EC private key of another public key is refused") {
  const PrivateKey& key = key_of(kTypes[1]);
  const Bytes theirs = to_bytes(PrivateKey::generate(kTypes[1]).value().public_key().key_bits());
  Bytes der = to_bytes(key.to_pkcs8().value().view());
  std::ranges::copy(theirs, der.end() - static_cast<std::ptrdiff_t>(theirs.size()));
  CHECK(pkcs8_error(der) == Code::kRefused);
}

TEST_CASE("EC private numbers must be in range") {
  const auto sec1 = [](BytesView scalar) {
    asn1::Writer w;
    w.sequence([&] {
      w.integer(1);
      w.octet_string(scalar);
      w.nest(asn1::context_constructed(0), [&] { w.oid(asn1::Oid("1.2.840.10045.3.1.7").der()); });
    });
    return asn1::pem("EC PRIVATE KEY", w.view());
  };
  const Bytes order =
      parse_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
  Bytes last = order;
  last.back() -= 1;
  CHECK(PrivateKey::from_pem(sec1(last)).has_value());
  CHECK(PrivateKey::from_pem(sec1(order)).error().code == Code::kRefused);
  CHECK(PrivateKey::from_pem(sec1(Bytes(32))).error().code == Code::kRefused);
  CHECK(PrivateKey::from_pem(sec1(Bytes(33, 1))).error().code == Code::kMalformed);
  CHECK(PrivateKey::from_pem(sec1({})).error().code == Code::kMalformed);
  CHECK(PrivateKey::from_pem(sec1(Bytes(31, 1))).has_value());  // a leading zero left out
}

TEST_CASE("PEM holds exactly one private key, in the clear") {
  const std::string pem = asn1::pem("PRIVATE KEY", key_of(kTypes[1]).to_pkcs8().value().view());
  CHECK(PrivateKey::from_pem(asn1::pem("CERTIFICATE", Bytes(3)) + pem).has_value());
  CHECK(PrivateKey::from_pem(pem + pem).error().code == Code::kMalformed);
  CHECK(PrivateKey::from_pem("").error().code == Code::kMalformed);
  CHECK(PrivateKey::from_pem(asn1::pem("CERTIFICATE", Bytes(3))).error().code == Code::kMalformed);
  CHECK(PrivateKey::from_pem(asn1::pem("ENCRYPTED PRIVATE KEY", Bytes(3))).error().code ==
        Code::kUnsupported);
  CHECK(PrivateKey::from_pem(asn1::pem("DSA PRIVATE KEY", Bytes(3))).error().code ==
        Code::kUnsupported);
}

TEST_CASE("EC PRIVATE KEY as `openssl ecparam -genkey` writes it, with EC PARAMETERS before") {
  // RFC 9500 section 2.3, testECCP256.
  const std::string parameters =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  const std::string text =
      "-----BEGIN EC PRIVATE KEY-----\n"
      "MHcCAQEEIObLW92AqkWunJXowVR2Z5/+yVPBaFHnEedDk5WJxk/BoAoGCCqGSM49\n"
      "AwEHoUQDQgAEQiVI+I+3gv+17KN0RFLHKh5Vj71vc75eSOkyMsxFxbFsTNEMTLjV\n"
      "uKFxOelIgsiZJXKZNCX0FBmrfpCkKklCcg==\n"
      "-----END EC PRIVATE KEY-----\n";
  const PrivateKey key = PrivateKey::from_pem(parameters + text).value();
  CHECK(key.type().algorithm == KeyAlgorithm::kEcdsaP256);
  CHECK(asn1::pem("EC PRIVATE KEY", key.to_traditional().value().der.view()) == text);
}

TEST_CASE("RSA private numbers must belong together") {
  const PrivateKey::Traditional traditional = key_of(kTypes[0]).to_traditional().value();
  asn1::Reader reader = asn1::Reader(traditional.der.view()).enter_sequence().value();
  std::vector<Bytes> numbers;
  while (!reader.empty()) numbers.push_back(to_bytes(reader.read_unsigned().value()));
  REQUIRE(numbers.size() == 9);
  const auto import_numbers = [&] {
    asn1::Writer w;
    w.sequence([&] {
      for (const Bytes& number : numbers) w.unsigned_integer(number);
    });
    return PrivateKey::from_pem(asn1::pem("RSA PRIVATE KEY", w.view()));
  };
  CHECK(import_numbers().has_value());
  for (std::size_t i = 3; i < numbers.size(); ++i) {
    const Bytes saved = numbers[i];
    numbers[i][5] ^= 0x04;
    CHECK(import_numbers().error().code == Code::kRefused);
    numbers[i] = Bytes{0};
    CHECK(import_numbers().error().code == Code::kRefused);
    numbers[i] = saved;
  }
  numbers[0] = Bytes{1};  // a multi-prime key
  CHECK(import_numbers().error().code == Code::kUnsupported);
}

Bytes rsa_spki(BytesView modulus, BytesView exponent) {
  asn1::Writer key;
  key.sequence([&] {
    key.unsigned_integer(modulus);
    key.unsigned_integer(exponent);
  });
  asn1::Writer w;
  w.sequence([&] {
    w.raw(parse_hex("300d06092a864886f70d0101010500").value());
    w.bit_string(key.view());
  });
  return std::move(w).take();
}

TEST_CASE("what takes long to verify says so") {
  for (const KeyType& type : kTypes) {
    const bool slow = type.algorithm == KeyAlgorithm::kEcdsaP521 ||
                      to_string(type).starts_with("SLH-DSA") || type.rsa_bits > 4096;
    CAPTURE(to_string(type));
    CHECK(key_of(type).public_key().slow_to_verify() == slow);
  }
  const auto slow = [](std::size_t modulus_size, const Bytes& exponent) {
    return PublicKey::from_spki(rsa_spki(Bytes(modulus_size, 0xab), exponent))
        .value()
        .slow_to_verify();
  };
  CHECK_FALSE(slow(512, {1, 0, 1}));
  CHECK(slow(513, {1, 0, 1}));
  CHECK(slow(256, {2, 0, 1}));
  CHECK(slow(256, Bytes(8, 0xff)));
}

TEST_CASE("weak RSA public keys are refused") {
  const auto modulus = [](std::size_t bytes, std::uint8_t first = 0x80) {
    Bytes n(bytes, 0xab);
    n[0] = first;
    return n;
  };
  const Bytes f4{1, 0, 1};
  CHECK(PublicKey::from_spki(rsa_spki(modulus(256), f4)).value().type() ==
        KeyType{KeyAlgorithm::kRsa, 2048});
  CHECK(PublicKey::from_spki(rsa_spki(modulus(1024), f4)).value().type() ==
        KeyType{KeyAlgorithm::kRsa, 8192});
  CHECK(PublicKey::from_spki(rsa_spki(modulus(256), Bytes{3})).has_value());
  CHECK(PublicKey::from_spki(rsa_spki(modulus(256), Bytes(8, 0xff))).has_value());
  CHECK(spki_error(rsa_spki(modulus(128), f4)) == Code::kRefused);
  CHECK(spki_error(rsa_spki(modulus(256, 0x7f), f4)) == Code::kRefused);  // 2047 bits
  CHECK(spki_error(rsa_spki(modulus(257, 0x01), f4)) == Code::kRefused);  // 2049 bits
  CHECK(spki_error(rsa_spki(modulus(1025), f4)) == Code::kRefused);
  CHECK(spki_error(rsa_spki(Bytes{0}, f4)) == Code::kRefused);
  Bytes even = modulus(256);
  even.back() = 0xaa;
  CHECK(spki_error(rsa_spki(even, f4)) == Code::kRefused);
  for (const Bytes& exponent : {Bytes{0}, Bytes{1}, Bytes{2}, Bytes{1, 0, 0}, Bytes(9, 0xff)}) {
    CHECK(spki_error(rsa_spki(modulus(256), exponent)) == Code::kRefused);
  }
}

TEST_CASE("points off the curve, at infinity or compressed are refused") {
  const Bytes good = to_bytes(key_of(kTypes[1]).public_key().spki());
  REQUIRE(good.size() == 91);
  Bytes off = good;
  off.back() ^= 1;
  CHECK(spki_error(off) == Code::kRefused);
  Bytes zero = good;
  std::fill(zero.end() - 64, zero.end(), std::uint8_t{0});
  CHECK(spki_error(zero) == Code::kRefused);
  Bytes beyond = good;  // x ≥ p
  std::fill(beyond.end() - 64, beyond.end() - 32, std::uint8_t{0xff});
  CHECK(spki_error(beyond) == Code::kRefused);
  Bytes hybrid = good;
  hybrid[hybrid.size() - 65] = 0x06;
  CHECK(spki_error(hybrid) == Code::kMalformed);
  Bytes compressed = to_bytes(BytesView(good).first(91 - 32));
  compressed[compressed.size() - 33] = 0x02;
  compressed[1] = static_cast<std::uint8_t>(compressed[1] - 32);
  compressed[24] = static_cast<std::uint8_t>(compressed[24] - 32);
  CHECK(spki_error(compressed) == Code::kUnsupported);
  const Bytes infinity = parse_hex(
                             "301906072a8648ce3d0201"
                             "06082a8648ce3d0301070302"
                             "0000")
                             .value();
  CHECK_FALSE(PublicKey::from_spki(infinity).has_value());
}

TEST_CASE("points of small order and encodings that are not canonical are refused") {
  const auto code = [](std::string_view key) -> std::optional<Code> {
    const Bytes spki = parse_hex("302a300506032b6570032100" + std::string(key)).value();
    const auto parsed = PublicKey::from_spki(spki);
    return parsed ? std::nullopt : std::optional(parsed.error().code);
  };
  const std::string zeros(60, '0');
  const std::string ones(60, 'f');
  CHECK(code("00" + zeros + "00") == Code::kRefused);
  CHECK(code("00" + zeros + "80") == Code::kRefused);
  CHECK(code("01" + zeros + "00") == Code::kRefused);
  CHECK(code("ec" + ones + "7f") == Code::kRefused);
  CHECK(code("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05") == Code::kRefused);
  CHECK(code("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85") == Code::kRefused);
  CHECK(code("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa") == Code::kRefused);
  CHECK(code("ed" + ones + "7f") == Code::kMalformed);
  CHECK(code("ee" + ones + "ff") == Code::kMalformed);
  const auto curve_code = [](const std::string& spki) -> std::optional<Code> {
    const auto parsed = PublicKey::from_spki(parse_hex(spki).value());
    return parsed ? std::nullopt : std::optional(parsed.error().code);
  };
  const auto x25519 = [&](const std::string& key) {
    return curve_code("302a300506032b656e032100" + key);
  };
  CHECK(x25519("00" + zeros + "00") == Code::kRefused);
  CHECK(x25519("01" + zeros + "80") == Code::kRefused);
  CHECK(x25519("ec" + ones + "7f") == Code::kRefused);
  CHECK(x25519("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800") ==
        Code::kRefused);
  CHECK(x25519("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157") ==
        Code::kRefused);
  CHECK(x25519("ee" + ones + "7f") == Code::kMalformed);
  CHECK(x25519("09" + zeros + "00") == std::nullopt);
  const std::string x448 = "3042300506032b656f033900";
  const std::string ed448 = "3043300506032b6571033a00";
  const std::string f27(54, 'f');
  const std::string z55(110, '0');
  CHECK(curve_code(x448 + "00" + z55) == Code::kRefused);
  CHECK(curve_code(x448 + "01" + z55) == Code::kRefused);
  CHECK(curve_code(x448 + "05" + z55) == std::nullopt);
  CHECK(curve_code(x448 + "fe" + f27 + "fe" + f27) == Code::kRefused);    // p-1
  CHECK(curve_code(x448 + "ff" + f27 + "fe" + f27) == Code::kMalformed);  // p
  CHECK(curve_code(ed448 + "01" + z55 + "00") == Code::kRefused);
  CHECK(curve_code(ed448 + "00" + z55 + "80") == Code::kRefused);
  CHECK(curve_code(ed448 + "fe" + f27 + "fe" + f27 + "80") == Code::kRefused);
  CHECK(curve_code(ed448 + "05" + z55 + "01") == Code::kMalformed);
  CHECK(code("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") ==
        std::nullopt);  // RFC 8032, 7.1
}

TEST_CASE("SPKI of other algorithms, curves or parameters is refused by name") {
  const auto error = [](std::string_view text) {
    const auto key = PublicKey::from_spki(parse_hex(text).value());
    REQUIRE_FALSE(key.has_value());
    return key.error();
  };
  CHECK(error("300c300506032b65720303000000").detail ==
        "key algorithm 1.3.101.114 is not supported");
  CHECK(error("3016301006072a8648ce3d020106052b8104000a03020004").detail ==
        "curve 1.3.132.0.10 is not supported");
  CHECK(error("300f300b06072a8648ce3d020130000300").code ==
        Code::kUnsupported);  // explicit parameters
  CHECK(error("3010300b06092a864886f70d0101010301"
              "00")
            .code == Code::kMalformed);  // RSA without NULL
  CHECK(error("300c300706032b657005000301"
              "00")
            .code == Code::kMalformed);  // Ed25519 with NULL
  CHECK(error("3000").code == Code::kMalformed);
  CHECK(error("").code == Code::kMalformed);
}

TEST_CASE("SPKI is refused when truncated or extended, and never crashes when altered") {
  for (const KeyType& type : kTypes) {
    const Bytes spki = to_bytes(key_of(type).public_key().spki());
    Bytes longer = spki;
    longer.push_back(0);
    CHECK(spki_error(longer) == Code::kMalformed);
    for (std::size_t size = 0; size < spki.size(); size += 1 + spki.size() / 60) {
      CHECK_FALSE(PublicKey::from_spki(BytesView(spki).first(size)).has_value());
    }
    for (std::size_t at = 0; at < std::min(spki.size(), 120UZ); ++at) {
      Bytes altered = spki;
      altered[at] ^= 0x41;
      const auto parsed = PublicKey::from_spki(altered);
      if (parsed) CHECK(equal(parsed->spki(), altered));
    }
  }
}

TEST_CASE("key bits are the content of the BIT STRING") {
  const PublicKey& key = key_of(kTypes[1]).public_key();
  CHECK(key.key_bits().size() == 65);
  CHECK(key.key_bits()[0] == 0x04);
  CHECK(key.spki().size() == 91);
}

TEST_CASE("RSA sizes are bounded") {
  for (const unsigned bits : {0U, 1024U, 2049U, 2052U, 8200U, 16384U}) {
    CHECK(PrivateKey::generate({KeyAlgorithm::kRsa, bits}).error().code == Code::kInvalidArgument);
  }
  const PrivateKey odd = PrivateKey::generate({KeyAlgorithm::kRsa, 2056}).value();
  CHECK(odd.type().rsa_bits == 2056);
  const Bytes signature = odd.sign(SignatureScheme::kRsaPssSha512, {}).value();
  CHECK(odd.public_key().verify(SignatureScheme::kRsaPssSha512, {}, signature).has_value());
}

TEST_CASE("keys that sign nothing round-trip and refuse to sign and to verify") {
  for (const KeyType& type : kAgreementTypes) {
    CAPTURE(to_string(type));
    CHECK_FALSE(can_sign(type.algorithm));
    const PrivateKey key = PrivateKey::generate(type).value();
    const SecretBytes der = key.to_pkcs8().value();
    const PrivateKey again = PrivateKey::from_pkcs8(der.view()).value();
    CHECK(again.type() == type);
    CHECK(equal(again.public_key().spki(), key.public_key().spki()));
    CHECK(equal(again.to_pkcs8().value().view(), der.view()));
    CHECK(PublicKey::from_spki(key.public_key().spki()).value().type() == type);
    for (const SignatureScheme scheme : kSchemes) {
      CHECK(key.sign(scheme, {}).error().code == Code::kInvalidArgument);
      CHECK(key.public_key().verify(scheme, {}, Bytes(64)).error().code == Code::kInvalidArgument);
    }
  }
}

TEST_CASE("every SLH-DSA parameter set signs, verifies and round-trips") {
  for (auto number = static_cast<int>(KeyAlgorithm::kSlhDsaSha2128s);
       number <= static_cast<int>(KeyAlgorithm::kSlhDsaShake256f); ++number) {
    const KeyType type{static_cast<KeyAlgorithm>(number), 0};
    CAPTURE(to_string(type));
    const PrivateKey key = PrivateKey::generate(type).value();
    const SignatureScheme scheme = default_scheme(type);
    CHECK(std::string(name(scheme)) == to_string(type));
    const Bytes signature = key.sign(scheme, as_bytes("message")).value();
    CHECK(key.public_key().verify(scheme, as_bytes("message"), signature).has_value());
    CHECK_FALSE(key.public_key().verify(scheme, as_bytes("massage"), signature).has_value());
    // Import makes the top tree again: half a second for the small sets.
    if (to_string(type).ends_with('s')) continue;
    Bytes der = to_bytes(key.to_pkcs8().value().view());
    const PrivateKey again = PrivateKey::from_pkcs8(der).value();
    CHECK(equal(again.public_key().spki(), key.public_key().spki()));
    der.back() ^= 1;  // the root of the public key inside
    CHECK(pkcs8_error(der) == Code::kRefused);
  }
}

TEST_CASE("an RSA-8192 key made by OpenSSL signs and verifies") {
  std::ifstream in(CHANCERY_SOURCE_DIR "/src/crypto/testdata/rsa8192.pem");
  REQUIRE(in.good());
  const std::string pem{std::istreambuf_iterator<char>(in), {}};
  const PrivateKey key = PrivateKey::from_pem(pem).value();
  CHECK(key.type() == KeyType{KeyAlgorithm::kRsa, 8192});
  for (const SignatureScheme scheme :
       {SignatureScheme::kRsaPkcs1Sha256, SignatureScheme::kRsaPssSha512}) {
    const Bytes signature = key.sign(scheme, as_bytes("message")).value();
    CHECK(signature.size() == 1024);
    CHECK(key.public_key().verify(scheme, as_bytes("message"), signature).has_value());
    CHECK_FALSE(key.public_key().verify(scheme, as_bytes("massage"), signature).has_value());
  }
  CHECK(asn1::pem("PRIVATE KEY", key.to_pkcs8().value().view()) == pem);
}

TEST_CASE("one key works in several threads at once") {
  for (const KeyType& type : kTypes) {
    const PrivateKey& key = key_of(type);
    const SignatureScheme scheme = default_scheme(type);
    std::array<bool, 4> ok{};
    std::vector<std::thread> threads;
    for (bool& mine : ok) {
      threads.emplace_back([&] {
        mine = true;
        for (int i = 0; i < 5; ++i) {
          const Bytes signature = key.sign(scheme, as_bytes("shared")).value();
          mine = mine && key.public_key().verify(scheme, as_bytes("shared"), signature).has_value();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(std::ranges::all_of(ok, [](bool each) { return each; }));
  }
}

TEST_CASE("making an RSA key can be cancelled") {
  const std::atomic<bool> cancelled = true;
  const auto key = PrivateKey::generate({KeyAlgorithm::kRsa, 4096}, &cancelled);
  REQUIRE_FALSE(key);
  CHECK(key.error().code == Code::kUnavailable);
  const std::atomic<bool> wanted = false;
  CHECK(PrivateKey::generate({KeyAlgorithm::kRsa, 2048}, &wanted));
}

}  // namespace
}  // namespace chancery::crypto
