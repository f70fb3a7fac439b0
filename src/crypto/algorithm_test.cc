#include "crypto/algorithm.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace chancery::crypto {
namespace {

constexpr std::array kAllSchemes = {
    SignatureScheme::kRsaPkcs1Sha256, SignatureScheme::kRsaPkcs1Sha384,
    SignatureScheme::kRsaPkcs1Sha512, SignatureScheme::kRsaPssSha256,
    SignatureScheme::kRsaPssSha384,   SignatureScheme::kRsaPssSha512,
    SignatureScheme::kEcdsaSha256,    SignatureScheme::kEcdsaSha384,
    SignatureScheme::kEcdsaSha512,    SignatureScheme::kEd25519,
    SignatureScheme::kMlDsa44,        SignatureScheme::kMlDsa65,
    SignatureScheme::kMlDsa87};

TEST_CASE("algorithm identifiers round-trip") {
  for (const SignatureScheme scheme : kAllSchemes) {
    CAPTURE(std::string(name(scheme)));
    CHECK(parse_algorithm_identifier(algorithm_identifier(scheme)).value() == scheme);
  }
}

TEST_CASE("algorithm identifiers have the bytes that OpenSSL writes") {
  const auto written = [](SignatureScheme scheme) { return hex(algorithm_identifier(scheme)); };
  CHECK(written(SignatureScheme::kRsaPkcs1Sha256) == "300d06092a864886f70d01010b0500");
  CHECK(written(SignatureScheme::kEcdsaSha256) == "300a06082a8648ce3d040302");
  CHECK(written(SignatureScheme::kEd25519) == "300506032b6570");
  CHECK(written(SignatureScheme::kMlDsa65) == "300b0609608648016503040312");
  CHECK(written(SignatureScheme::kEd448) == "300506032b6571");
  CHECK(written(SignatureScheme::kSlhDsaSha2128s) == "300b0609608648016503040314");
  CHECK(written(SignatureScheme::kSlhDsaShake256f) == "300b060960864801650304031f");
  CHECK(written(SignatureScheme::kRsaPssSha256) ==
        "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d01"
        "0108300d0609608648016503"
        "04020105"
        "00a203020120");
}

TEST_CASE("algorithm identifiers that differ are refused with a reason") {
  struct Case {
    const char* der;
    Code code;
  };
  for (const Case& c :
       {Case{"300a06082a8648ce3d0403020500", Code::kMalformed},        // trailing bytes
        Case{"300c06082a8648ce3d0403020500", Code::kMalformed},        // ECDSA with NULL
        Case{"300706032b65700500", Code::kMalformed},                  // Ed25519 with NULL
        Case{"300f06092a864886f70d01010b05000500", Code::kMalformed},  // NULL twice
        Case{"300d06092a864886f70d0101050500", Code::kUnsupported},    // SHA-1 with RSA
        Case{"300d06092a864886f70d01010a3000", Code::kUnsupported},    // PSS with SHA-1 by default
        Case{"3000", Code::kMalformed}, Case{"", Code::kMalformed}}) {
    CAPTURE(c.der);
    const auto parsed = parse_algorithm_identifier(parse_hex(c.der).value());
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == c.code);
  }
  const auto sha1 = parse_algorithm_identifier(parse_hex("300d06092a864886f70d0101050500").value());
  CHECK(sha1.error().detail == "signature algorithm 1.2.840.113549.1.1.5 is not supported");
  // RFC 4055 section 5: absent parameters are accepted.
  CHECK(parse_algorithm_identifier(parse_hex("300b06092a864886f70d01010b").value()).value() ==
        SignatureScheme::kRsaPkcs1Sha256);
}

TEST_CASE("key types are read in the forms people type") {
  struct Case {
    const char* text;
    const char* type;
  };
  for (const Case& c :
       {Case{"rsa-2048", "RSA-2048"}, Case{"rsa2056", "RSA-2056"}, Case{"RSA-4096", "RSA-4096"},
        Case{"ec-p256", "ECDSA P-256"}, Case{"p256", "ECDSA P-256"}, Case{"P-384", "ECDSA P-384"},
        Case{"ed25519", "Ed25519"}, Case{"ml-dsa-65", "ML-DSA-65"}, Case{"ML_DSA_87", "ML-DSA-87"},
        Case{"rsa-8192", "RSA-8192"}, Case{"p521", "ECDSA P-521"}, Case{"ed448", "Ed448"},
        Case{"slh-dsa-sha2-128s", "SLH-DSA-SHA2-128s"},
        Case{"SLH_DSA_SHAKE_256f", "SLH-DSA-SHAKE-256f"}, Case{"x25519", "X25519"},
        Case{"ml-kem-768", "ML-KEM-768"}}) {
    const KeyType type = parse_key_type(c.text).value();
    CHECK(to_string(type) == c.type);
    CHECK(parse_key_type(to_string(type)).value() == type);
  }
  for (const char* bad :
       {"", "rsa", "rsa-1024", "rsa-8200", "rsa-2049", "rsa-2048x", "dsa", "p224"}) {
    CHECK(parse_key_type(bad).error().code == Code::kInvalidArgument);
  }
}

TEST_CASE("schemes fit the keys that make them") {
  CHECK(fits(KeyAlgorithm::kRsa, SignatureScheme::kRsaPssSha512));
  CHECK_FALSE(fits(KeyAlgorithm::kRsa, SignatureScheme::kEcdsaSha256));
  CHECK(fits(KeyAlgorithm::kEcdsaP256, SignatureScheme::kEcdsaSha512));
  CHECK_FALSE(fits(KeyAlgorithm::kEcdsaP256, SignatureScheme::kEd25519));
  CHECK(fits(KeyAlgorithm::kMlDsa44, SignatureScheme::kMlDsa44));
  CHECK_FALSE(fits(KeyAlgorithm::kMlDsa44, SignatureScheme::kMlDsa65));
  CHECK_FALSE(fits(KeyAlgorithm::kX25519, SignatureScheme::kEd25519));
  CHECK(fits(KeyAlgorithm::kEcdsaP521, SignatureScheme::kEcdsaSha512));
  CHECK(default_scheme({KeyAlgorithm::kEcdsaP384, 0}) == SignatureScheme::kEcdsaSha384);
}

}  // namespace
}  // namespace chancery::crypto
