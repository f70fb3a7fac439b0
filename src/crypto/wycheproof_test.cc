// Project Wycheproof's vectors (github.com/C2SP/wycheproof, testvectors_v1), where the corpus is at
// hand. "acceptable" occurs once, in the PKCS#1 v1.5 files: a DigestInfo without NULL. We refuse
// it, as RFC 8017 section 9.2 (encode and compare) does.

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "asn1/writer.h"
#include "crypto/password_based.h"
#include "crypto/private_key.h"
#include "crypto/symmetric.h"

namespace chancery::crypto {
namespace {

namespace json = boost::json;

constexpr const char* kCorpus = CHANCERY_SOURCE_DIR "/../shared/corpora/wycheproof/";

std::optional<json::value> load(const std::string& file) {
  std::ifstream in(kCorpus + file);
  if (!in) {
    MESSAGE("SKIPPED: corpus absent: ", file);
    return std::nullopt;
  }
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

std::string_view text(const json::value& object, std::string_view key) {
  return object.at(key).as_string();
}

Bytes bytes(const json::value& object, std::string_view key) {
  return parse_hex(text(object, key)).value();
}

bool has(const json::value& object, std::string_view key) {
  return object.as_object().contains(key);
}

// Tally counts what agreed with the vectors and names the tests that did not.
class Tally {
 public:
  explicit Tally(std::string file) : file_(std::move(file)) {}
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  ~Tally() {
    std::string line = file_ + ": " + std::to_string(accepted_) + " accepted, " +
                       std::to_string(refused_) + " refused";
    if (skipped_ > 0) line += ", " + std::to_string(skipped_) + " skipped";
    MESSAGE(line);
    CAPTURE(file_);
    CAPTURE(wrong_);
    CHECK(wrong_.empty());
    CHECK(accepted_ + refused_ > 0);
  }

  void expect(const json::value& test, bool want, bool got) {
    if (want != got) {
      wrong_ += " " + std::to_string(test.at("tcId").to_number<int>());
    } else if (got) {
      ++accepted_;
    } else {
      ++refused_;
    }
  }
  void expect(const json::value& test, bool got) {
    expect(test, text(test, "result") == "valid", got);
  }
  void skip() { ++skipped_; }

 private:
  std::string file_;
  std::string wrong_;
  int accepted_ = 0;
  int refused_ = 0;
  int skipped_ = 0;
};

// The files that were run so far.
std::set<std::string>& ran() {
  static std::set<std::string> files;
  return files;
}

// run calls each(tally, group, test) for every test of a file.
template <class Each>
void run(const std::string& file, Each&& each) {
  ran().insert(file);
  const auto root = load(file);
  if (!root) return;
  Tally tally(file);
  for (const json::value& group : root->at("testGroups").as_array()) {
    for (const json::value& test : group.at("tests").as_array()) each(tally, group, test);
  }
}

bool verifies(const json::value& group, const json::value& test, SignatureScheme scheme) {
  const auto key = PublicKey::from_spki(bytes(group, "publicKeyDer"));
  return key && key->verify(scheme, bytes(test, "msg"), bytes(test, "sig")).has_value();
}

void run_verify(const std::string& file, SignatureScheme scheme) {
  run(file, [&](Tally& tally, const json::value& group, const json::value& test) {
    tally.expect(test, verifies(group, test, scheme));
  });
}

TEST_CASE("Wycheproof: ECDSA") {
  run_verify("ecdsa_secp256r1_sha256_test.json", SignatureScheme::kEcdsaSha256);
  run_verify("ecdsa_secp256r1_sha512_test.json", SignatureScheme::kEcdsaSha512);
  run_verify("ecdsa_secp384r1_sha256_test.json", SignatureScheme::kEcdsaSha256);
  run_verify("ecdsa_secp384r1_sha384_test.json", SignatureScheme::kEcdsaSha384);
  run_verify("ecdsa_secp384r1_sha512_test.json", SignatureScheme::kEcdsaSha512);
  run_verify("ecdsa_secp521r1_sha512_test.json", SignatureScheme::kEcdsaSha512);
}

TEST_CASE("Wycheproof: Ed25519") { run_verify("ed25519_test.json", SignatureScheme::kEd25519); }

TEST_CASE("Wycheproof: Ed448") { run_verify("ed448_test.json", SignatureScheme::kEd448); }

TEST_CASE("Wycheproof: RSA PKCS#1 v1.5") {
  struct Hash {
    const char* name;
    SignatureScheme scheme;
  };
  for (const char* bits : {"2048", "3072", "4096"}) {
    for (const Hash& hash : {Hash{"sha256", SignatureScheme::kRsaPkcs1Sha256},
                             Hash{"sha384", SignatureScheme::kRsaPkcs1Sha384},
                             Hash{"sha512", SignatureScheme::kRsaPkcs1Sha512}}) {
      run_verify(std::string("rsa_signature_") + bits + "_" + hash.name + "_test.json",
                 hash.scheme);
    }
  }
}

TEST_CASE("Wycheproof: RSA PSS") {
  run_verify("rsa_pss_2048_sha256_mgf1_32_test.json", SignatureScheme::kRsaPssSha256);
  run_verify("rsa_pss_2048_sha384_mgf1_48_test.json", SignatureScheme::kRsaPssSha384);
  run_verify("rsa_pss_3072_sha256_mgf1_32_test.json", SignatureScheme::kRsaPssSha256);
  run_verify("rsa_pss_4096_sha256_mgf1_32_test.json", SignatureScheme::kRsaPssSha256);
  run_verify("rsa_pss_4096_sha384_mgf1_48_test.json", SignatureScheme::kRsaPssSha384);
  run_verify("rsa_pss_4096_sha512_mgf1_64_test.json", SignatureScheme::kRsaPssSha512);
}

std::optional<SignatureScheme> pss_scheme(const json::value& group) {
  if (group.at("sha") != group.at("mgfSha")) return std::nullopt;
  const auto salt = group.at("sLen").to_number<int>();
  if (group.at("sha") == "SHA-256" && salt == 32) return SignatureScheme::kRsaPssSha256;
  if (group.at("sha") == "SHA-384" && salt == 48) return SignatureScheme::kRsaPssSha384;
  if (group.at("sha") == "SHA-512" && salt == 64) return SignatureScheme::kRsaPssSha512;
  return std::nullopt;
}

TEST_CASE("Wycheproof: PSS with other parameters than ours verifies under no scheme of ours") {
  for (const char* file : {"rsa_pss_misc_test.json", "rsa_pss_4096_sha512_mgf1_32_test.json"}) {
    run(file, [](Tally& tally, const json::value& group, const json::value& test) {
      const auto ours = pss_scheme(group);
      for (const SignatureScheme scheme :
           {SignatureScheme::kRsaPssSha256, SignatureScheme::kRsaPssSha384,
            SignatureScheme::kRsaPssSha512}) {
        tally.expect(test, ours == scheme && text(test, "result") == "valid",
                     verifies(group, test, scheme));
      }
    });
  }
}

TEST_CASE("Wycheproof: keys bound to PSS by their SPKI are unsupported") {
  for (const char* file : {"rsa_pss_2048_sha256_mgf1_32_params_test.json",
                           "rsa_pss_3072_sha256_mgf1_32_params_test.json",
                           "rsa_pss_4096_sha512_mgf1_32_params_test.json",
                           "rsa_pss_4096_sha512_mgf1_64_params_test.json"}) {
    run(file, [](Tally& tally, const json::value& group, const json::value& test) {
      const auto key = PublicKey::from_spki(bytes(group, "publicKeyDer"));
      tally.expect(test, true, !key && key.error().code == Code::kUnsupported);
    });
  }
}

struct MlDsa {
  const char* number;
  SignatureScheme scheme;
};
constexpr MlDsa kMlDsa[] = {{"44", SignatureScheme::kMlDsa44},
                            {"65", SignatureScheme::kMlDsa65},
                            {"87", SignatureScheme::kMlDsa87}};

// X.509 uses the empty context only (RFC 9881); a signature made under another must not verify.
bool has_context(const json::value& test) { return has(test, "ctx") && !text(test, "ctx").empty(); }

TEST_CASE("Wycheproof: ML-DSA verification") {
  for (const MlDsa& set : kMlDsa) {
    run(std::string("mldsa_") + set.number + "_verify_test.json",
        [&](Tally& tally, const json::value& group, const json::value& test) {
          tally.expect(test, text(test, "result") == "valid" && !has_context(test),
                       verifies(group, test, set.scheme));
        });
  }
}

Bytes ml_dsa_pkcs8(SignatureScheme scheme, std::uint8_t tag, BytesView key) {
  asn1::Writer inner;
  inner.element(tag, key);
  asn1::Writer w;
  w.sequence([&] {
    w.integer(0);
    w.raw(algorithm_identifier(scheme));  // the same OID names the key
    w.octet_string(inner.view());
  });
  return std::move(w).take();
}

// A signing vector passes when the private key gives the vector's public key, the vector's
// signature verifies, and so does one of ours. Ours differs from it: we sign hedged, the vectors
// deterministically.
bool signs(const PrivateKey& key, const json::value& group, const json::value& test,
           SignatureScheme scheme) {
  const Bytes message = bytes(test, "msg");
  return equal(key.public_key().key_bits(), bytes(group, "publicKey")) &&
         key.public_key().verify(scheme, message, bytes(test, "sig")).has_value() &&
         key.public_key().verify(scheme, message, key.sign(scheme, message).value()).has_value();
}

void run_ml_dsa_sign(const std::string& file, SignatureScheme scheme, std::string_view field,
                     std::uint8_t tag) {
  run(file, [&](Tally& tally, const json::value& group, const json::value& test) {
    // Vectors of the internal interface have no message, and contexts are not offered.
    if (!has(test, "msg") || has_context(test)) return tally.skip();
    const auto key = PrivateKey::from_pkcs8(ml_dsa_pkcs8(scheme, tag, bytes(group, field)));
    if (key && has(group, "privateKeyPkcs8") && group.at("privateKeyPkcs8").is_string()) {
      CHECK(equal(key->to_pkcs8().value().view(), bytes(group, "privateKeyPkcs8")));
    }
    tally.expect(test, key && signs(*key, group, test, scheme));
  });
}

TEST_CASE("Wycheproof: ML-DSA signing from a seed and from an expanded key") {
  for (const MlDsa& set : kMlDsa) {
    const std::string prefix = std::string("mldsa_") + set.number;
    run_ml_dsa_sign(prefix + "_sign_seed_test.json", set.scheme, "privateSeed", asn1::context(0));
    run_ml_dsa_sign(prefix + "_sign_noseed_test.json", set.scheme, "privateKey",
                    asn1::kOctetString);
  }
}

struct MlKem {
  const char* number;
  KeyAlgorithm algorithm;
  const char* oid;
};
constexpr MlKem kMlKem[] = {{"768", KeyAlgorithm::kMlKem768, "0609608648016503040402"},
                            {"1024", KeyAlgorithm::kMlKem1024, "0609608648016503040403"}};

TEST_CASE("Wycheproof: ML-KEM public keys made from a seed") {
  for (const MlKem& set : kMlKem) {
    run(std::string("mlkem_") + set.number + "_keygen_seed_test.json",
        [&](Tally& tally, const json::value&, const json::value& test) {
          asn1::Writer seed;
          seed.element(asn1::context(0), bytes(test, "seed"));
          asn1::Writer w;
          w.sequence([&] {
            w.integer(0);
            w.sequence([&] { w.raw(parse_hex(set.oid).value()); });
            w.octet_string(seed.view());
          });
          const auto key = PrivateKey::from_pkcs8(w.view());
          tally.expect(test, key && key->type().algorithm == set.algorithm &&
                                 equal(key->public_key().key_bits(), bytes(test, "ek")));
        });
  }
}

TEST_CASE("Wycheproof: ML-KEM public keys with coefficients out of range are refused") {
  for (const MlKem& set : kMlKem) {
    run(std::string("mlkem_") + set.number + "_encaps_test.json",
        [&](Tally& tally, const json::value&, const json::value& test) {
          asn1::Writer w;
          w.sequence([&] {
            w.sequence([&] { w.raw(parse_hex(set.oid).value()); });
            w.bit_string(bytes(test, "ek"));
          });
          tally.expect(test, PublicKey::from_spki(w.view()).has_value());
        });
  }
}

TEST_CASE("Wycheproof: AES-256-GCM with 96-bit nonces") {
  run("aes_gcm_test.json", [](Tally& tally, const json::value& group, const json::value& test) {
    if (group.at("keySize") != 256 || group.at("ivSize") != 96 || group.at("tagSize") != 128)
      return tally.skip();
    Bytes sealed = bytes(test, "iv");
    append(sealed, bytes(test, "ct"));
    append(sealed, bytes(test, "tag"));
    const auto opened = aes256_gcm_open(bytes(test, "key"), sealed, bytes(test, "aad"));
    tally.expect(test, opened && equal(opened->view(), bytes(test, "msg")));
  });
}

TEST_CASE("Wycheproof: HKDF") {
  struct Hash {
    const char* file;
    DigestAlgorithm algorithm;
  };
  for (const Hash& hash : {Hash{"hkdf_sha256_test.json", DigestAlgorithm::kSha256},
                           Hash{"hkdf_sha384_test.json", DigestAlgorithm::kSha384},
                           Hash{"hkdf_sha512_test.json", DigestAlgorithm::kSha512}}) {
    run(hash.file, [&](Tally& tally, const json::value&, const json::value& test) {
      const auto derived = hkdf(hash.algorithm, bytes(test, "ikm"), bytes(test, "salt"),
                                bytes(test, "info"), test.at("size").to_number<std::size_t>());
      tally.expect(test, derived && equal(derived->view(), bytes(test, "okm")));
    });
  }
}

TEST_CASE("Wycheproof: HMAC") {
  struct Hash {
    const char* file;
    DigestAlgorithm algorithm;
  };
  for (const Hash& hash : {Hash{"hmac_sha1_test.json", DigestAlgorithm::kSha1},
                           Hash{"hmac_sha256_test.json", DigestAlgorithm::kSha256},
                           Hash{"hmac_sha384_test.json", DigestAlgorithm::kSha384},
                           Hash{"hmac_sha512_test.json", DigestAlgorithm::kSha512}}) {
    run(hash.file, [&](Tally& tally, const json::value& group, const json::value& test) {
      Bytes tag = hmac(hash.algorithm, bytes(test, "key"), bytes(test, "msg"));
      tag.resize(group.at("tagSize").to_number<std::size_t>() / 8);
      tally.expect(test, equal(tag, bytes(test, "tag")));
    });
  }
}

struct Prf {
  const char* name;  // as the files have it
  DigestAlgorithm algorithm;
};
// SHA-224 is not offered.
constexpr Prf kPrfs[] = {{"hmacsha1", DigestAlgorithm::kSha1},
                         {"hmacsha256", DigestAlgorithm::kSha256},
                         {"hmacsha384", DigestAlgorithm::kSha384},
                         {"hmacsha512", DigestAlgorithm::kSha512}};

TEST_CASE("Wycheproof: PBKDF2") {
  for (const Prf& prf : kPrfs) {
    run(std::string("pbkdf2_") + prf.name + "_test.json",
        [&](Tally& tally, const json::value&, const json::value& test) {
          const auto derived = pbkdf2(prf.algorithm, bytes(test, "password"), bytes(test, "salt"),
                                      test.at("iterationCount").to_number<std::uint32_t>(),
                                      test.at("dkLen").to_number<std::size_t>());
          tally.expect(test, derived && equal(derived->view(), bytes(test, "dk")));
        });
  }
}

TEST_CASE("Wycheproof: PBES2 with AES-CBC") {
  struct Cipher {
    const char* name;
    CbcCipher cipher;
  };
  constexpr Cipher kCiphers[] = {
      {"128", CbcCipher::kAes128}, {"192", CbcCipher::kAes192}, {"256", CbcCipher::kAes256}};
  for (const Prf& prf : kPrfs) {
    for (const Cipher& c : kCiphers) {
      run(std::string("pbes2_") + prf.name + "_aes_" + c.name + "_test.json",
          [&](Tally& tally, const json::value&, const json::value& test) {
            const auto key =
                pbkdf2(prf.algorithm, bytes(test, "password"), bytes(test, "salt"),
                       test.at("iterationCount").to_number<std::uint32_t>(), key_size(c.cipher));
            REQUIRE(key.has_value());
            const auto opened =
                cbc_decrypt(c.cipher, key->view(), bytes(test, "iv"), bytes(test, "ct"));
            tally.expect(test, opened && equal(opened->view(), bytes(test, "msg")));
            const auto sealed =
                cbc_encrypt(c.cipher, key->view(), bytes(test, "iv"), bytes(test, "msg"));
            CHECK(equal(sealed.value(), bytes(test, "ct")));
          });
    }
  }
}

// What the corpus has and nothing here offers. A new file must be run or named.
constexpr std::string_view kNotOffered[] = {
    "aes_gcm_siv_",     "aes_kwp_",       "aes_wrap_",       "ecdh_secp256r1_",
    "x25519_",          "json_web_",      "primality_",      "pbkdf2_hmacsha224",
    "pbes2_hmacsha224", "mlkem_768_test", "mlkem_1024_test", "_p1363_"};  // ECDSA as JOSE writes it

// Stands last: doctest runs the cases of a file in their order.
TEST_CASE("every file of the corpus is run or not offered") {
  if (ran().empty() || !std::filesystem::is_directory(kCorpus)) return;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus)) {
    const std::string file = entry.path().filename().string();
    const bool excused = std::ranges::any_of(
        kNotOffered, [&](std::string_view part) { return file.contains(part); });
    const bool built = ran().contains(file);
    CHECK_MESSAGE(excused != built, file);
  }
}

}  // namespace
}  // namespace chancery::crypto
