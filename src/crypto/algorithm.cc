#include "crypto/algorithm.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "asn1/oid.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/signature_scheme.h"

namespace chancery::crypto {
namespace {

using asn1::Oid;

constexpr Oid kSha256Oid("2.16.840.1.101.3.4.2.1");
constexpr Oid kSha384Oid("2.16.840.1.101.3.4.2.2");
constexpr Oid kSha512Oid("2.16.840.1.101.3.4.2.3");
constexpr Oid kMgf1Oid("1.2.840.113549.1.1.8");
constexpr Oid kRsaPssOid("1.2.840.113549.1.1.10");

struct SchemeFacts {
  SignatureScheme scheme;
  std::string_view name;
  Oid oid;
};

// In the order of SignatureScheme.
constexpr std::array<SchemeFacts, 26> kSchemes = {{
    {SignatureScheme::kRsaPkcs1Sha256, "sha256WithRSAEncryption", Oid("1.2.840.113549.1.1.11")},
    {SignatureScheme::kRsaPkcs1Sha384, "sha384WithRSAEncryption", Oid("1.2.840.113549.1.1.12")},
    {SignatureScheme::kRsaPkcs1Sha512, "sha512WithRSAEncryption", Oid("1.2.840.113549.1.1.13")},
    {SignatureScheme::kRsaPssSha256, "rsassaPss-with-SHA256", kRsaPssOid},
    {SignatureScheme::kRsaPssSha384, "rsassaPss-with-SHA384", kRsaPssOid},
    {SignatureScheme::kRsaPssSha512, "rsassaPss-with-SHA512", kRsaPssOid},
    {SignatureScheme::kEcdsaSha256, "ecdsa-with-SHA256", Oid("1.2.840.10045.4.3.2")},
    {SignatureScheme::kEcdsaSha384, "ecdsa-with-SHA384", Oid("1.2.840.10045.4.3.3")},
    {SignatureScheme::kEcdsaSha512, "ecdsa-with-SHA512", Oid("1.2.840.10045.4.3.4")},
    {SignatureScheme::kEd25519, "Ed25519", Oid("1.3.101.112")},
    {SignatureScheme::kEd448, "Ed448", Oid("1.3.101.113")},
    {SignatureScheme::kMlDsa44, "ML-DSA-44", Oid("2.16.840.1.101.3.4.3.17")},
    {SignatureScheme::kMlDsa65, "ML-DSA-65", Oid("2.16.840.1.101.3.4.3.18")},
    {SignatureScheme::kMlDsa87, "ML-DSA-87", Oid("2.16.840.1.101.3.4.3.19")},
    {SignatureScheme::kSlhDsaSha2128s, "SLH-DSA-SHA2-128s", Oid("2.16.840.1.101.3.4.3.20")},
    {SignatureScheme::kSlhDsaSha2128f, "SLH-DSA-SHA2-128f", Oid("2.16.840.1.101.3.4.3.21")},
    {SignatureScheme::kSlhDsaSha2192s, "SLH-DSA-SHA2-192s", Oid("2.16.840.1.101.3.4.3.22")},
    {SignatureScheme::kSlhDsaSha2192f, "SLH-DSA-SHA2-192f", Oid("2.16.840.1.101.3.4.3.23")},
    {SignatureScheme::kSlhDsaSha2256s, "SLH-DSA-SHA2-256s", Oid("2.16.840.1.101.3.4.3.24")},
    {SignatureScheme::kSlhDsaSha2256f, "SLH-DSA-SHA2-256f", Oid("2.16.840.1.101.3.4.3.25")},
    {SignatureScheme::kSlhDsaShake128s, "SLH-DSA-SHAKE-128s", Oid("2.16.840.1.101.3.4.3.26")},
    {SignatureScheme::kSlhDsaShake128f, "SLH-DSA-SHAKE-128f", Oid("2.16.840.1.101.3.4.3.27")},
    {SignatureScheme::kSlhDsaShake192s, "SLH-DSA-SHAKE-192s", Oid("2.16.840.1.101.3.4.3.28")},
    {SignatureScheme::kSlhDsaShake192f, "SLH-DSA-SHAKE-192f", Oid("2.16.840.1.101.3.4.3.29")},
    {SignatureScheme::kSlhDsaShake256s, "SLH-DSA-SHAKE-256s", Oid("2.16.840.1.101.3.4.3.30")},
    {SignatureScheme::kSlhDsaShake256f, "SLH-DSA-SHAKE-256f", Oid("2.16.840.1.101.3.4.3.31")},
}};

const SchemeFacts& facts(SignatureScheme scheme) {
  const SchemeFacts& found = kSchemes[static_cast<std::size_t>(scheme)];
  CHANCERY_CHECK(found.scheme == scheme);
  return found;
}

struct KeyFacts {
  KeyAlgorithm algorithm;
  std::string_view name;
  std::optional<SignatureScheme> signs_with;
};

// In the order of KeyAlgorithm.
constexpr std::array<KeyFacts, 26> kKeys = {{
    {KeyAlgorithm::kRsa, "RSA", SignatureScheme::kRsaPkcs1Sha256},
    {KeyAlgorithm::kEcdsaP256, "ECDSA P-256", SignatureScheme::kEcdsaSha256},
    {KeyAlgorithm::kEcdsaP384, "ECDSA P-384", SignatureScheme::kEcdsaSha384},
    {KeyAlgorithm::kEcdsaP521, "ECDSA P-521", SignatureScheme::kEcdsaSha512},
    {KeyAlgorithm::kEd25519, "Ed25519", SignatureScheme::kEd25519},
    {KeyAlgorithm::kEd448, "Ed448", SignatureScheme::kEd448},
    {KeyAlgorithm::kMlDsa44, "ML-DSA-44", SignatureScheme::kMlDsa44},
    {KeyAlgorithm::kMlDsa65, "ML-DSA-65", SignatureScheme::kMlDsa65},
    {KeyAlgorithm::kMlDsa87, "ML-DSA-87", SignatureScheme::kMlDsa87},
    {KeyAlgorithm::kSlhDsaSha2128s, "SLH-DSA-SHA2-128s", SignatureScheme::kSlhDsaSha2128s},
    {KeyAlgorithm::kSlhDsaSha2128f, "SLH-DSA-SHA2-128f", SignatureScheme::kSlhDsaSha2128f},
    {KeyAlgorithm::kSlhDsaSha2192s, "SLH-DSA-SHA2-192s", SignatureScheme::kSlhDsaSha2192s},
    {KeyAlgorithm::kSlhDsaSha2192f, "SLH-DSA-SHA2-192f", SignatureScheme::kSlhDsaSha2192f},
    {KeyAlgorithm::kSlhDsaSha2256s, "SLH-DSA-SHA2-256s", SignatureScheme::kSlhDsaSha2256s},
    {KeyAlgorithm::kSlhDsaSha2256f, "SLH-DSA-SHA2-256f", SignatureScheme::kSlhDsaSha2256f},
    {KeyAlgorithm::kSlhDsaShake128s, "SLH-DSA-SHAKE-128s", SignatureScheme::kSlhDsaShake128s},
    {KeyAlgorithm::kSlhDsaShake128f, "SLH-DSA-SHAKE-128f", SignatureScheme::kSlhDsaShake128f},
    {KeyAlgorithm::kSlhDsaShake192s, "SLH-DSA-SHAKE-192s", SignatureScheme::kSlhDsaShake192s},
    {KeyAlgorithm::kSlhDsaShake192f, "SLH-DSA-SHAKE-192f", SignatureScheme::kSlhDsaShake192f},
    {KeyAlgorithm::kSlhDsaShake256s, "SLH-DSA-SHAKE-256s", SignatureScheme::kSlhDsaShake256s},
    {KeyAlgorithm::kSlhDsaShake256f, "SLH-DSA-SHAKE-256f", SignatureScheme::kSlhDsaShake256f},
    {KeyAlgorithm::kX25519, "X25519", std::nullopt},
    {KeyAlgorithm::kX448, "X448", std::nullopt},
    {KeyAlgorithm::kMlKem512, "ML-KEM-512", std::nullopt},
    {KeyAlgorithm::kMlKem768, "ML-KEM-768", std::nullopt},
    {KeyAlgorithm::kMlKem1024, "ML-KEM-1024", std::nullopt},
}};

const KeyFacts& facts(KeyAlgorithm algorithm) {
  const KeyFacts& found = kKeys[static_cast<std::size_t>(algorithm)];
  CHANCERY_CHECK(found.algorithm == algorithm);
  return found;
}

bool is_pkcs1(SignatureScheme scheme) { return scheme <= SignatureScheme::kRsaPkcs1Sha512; }

const Oid& hash_oid(DigestAlgorithm hash) {
  switch (hash) {
    case DigestAlgorithm::kSha384:
      return kSha384Oid;
    case DigestAlgorithm::kSha512:
      return kSha512Oid;
    default:
      return kSha256Oid;
  }
}

// RFC 4055 section 3.1; the trailer field has its default and is left out.
void write_pss_parameters(asn1::Writer& w, DigestAlgorithm hash) {
  const auto hash_identifier = [&] {
    w.sequence([&] {
      w.oid(hash_oid(hash).der());
      w.null();
    });
  };
  w.sequence([&] {
    w.nest(asn1::context_constructed(0), hash_identifier);
    w.nest(asn1::context_constructed(1), [&] {
      w.sequence([&] {
        w.oid(kMgf1Oid.der());
        hash_identifier();
      });
    });
    w.nest(asn1::context_constructed(2),
           [&] { w.integer(static_cast<std::int64_t>(digest_size(hash))); });
  });
}

Bytes write_identifier(const SchemeFacts& scheme) {
  asn1::Writer w(80);
  w.sequence([&] {
    w.oid(scheme.oid.der());
    if (is_pkcs1(scheme.scheme)) w.null();
    if (is_pss(scheme.scheme)) write_pss_parameters(w, hash_of(scheme.scheme));
  });
  return std::move(w).take();
}

using Identifiers = std::array<Bytes, kSchemes.size()>;

const Identifiers& identifiers() {
  static const Identifiers* const all = [] {
    auto* made = new Identifiers;
    for (std::size_t i = 0; i < kSchemes.size(); ++i) (*made)[i] = write_identifier(kSchemes[i]);
    return made;
  }();
  return *all;
}

// Reached when `der` is none of the encodings we write: names what is different, or accepts PKCS#1
// without NULL.
Result<SignatureScheme> parse_unusual_identifier(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const BytesView oid = TRY(reader.read_oid());
  if (kRsaPssOid.is(oid)) {
    return fail(Code::kUnsupported,
                "RSASSA-PSS parameters are supported with SHA-256, -384 or -512, MGF1 with the "
                "same hash and a salt as "
                "long as the hash");
  }
  for (const SchemeFacts& scheme : kSchemes) {
    if (!scheme.oid.is(oid)) continue;
    if (is_pkcs1(scheme.scheme) && reader.empty()) return scheme.scheme;
    return reader.error("signature algorithm has parameters it must not have");
  }
  const auto known = Oid::from_der(oid);
  return fail(Code::kUnsupported,
              "signature algorithm " + (known ? known->to_string() : "?") + " is not supported");
}

struct KeyTypeAlias {
  std::string_view text;
  KeyType type;
};

// Forms without case, spaces, '-' and '_'.
constexpr std::array<KeyTypeAlias, 34> kAliases = {{
    {"ecp256", {KeyAlgorithm::kEcdsaP256, 0}},
    {"ecdsap256", {KeyAlgorithm::kEcdsaP256, 0}},
    {"p256", {KeyAlgorithm::kEcdsaP256, 0}},
    {"secp256r1", {KeyAlgorithm::kEcdsaP256, 0}},
    {"ecp384", {KeyAlgorithm::kEcdsaP384, 0}},
    {"ecdsap384", {KeyAlgorithm::kEcdsaP384, 0}},
    {"p384", {KeyAlgorithm::kEcdsaP384, 0}},
    {"secp384r1", {KeyAlgorithm::kEcdsaP384, 0}},
    {"ecp521", {KeyAlgorithm::kEcdsaP521, 0}},
    {"ecdsap521", {KeyAlgorithm::kEcdsaP521, 0}},
    {"p521", {KeyAlgorithm::kEcdsaP521, 0}},
    {"secp521r1", {KeyAlgorithm::kEcdsaP521, 0}},
    {"ed25519", {KeyAlgorithm::kEd25519, 0}},
    {"ed448", {KeyAlgorithm::kEd448, 0}},
    {"mldsa44", {KeyAlgorithm::kMlDsa44, 0}},
    {"mldsa65", {KeyAlgorithm::kMlDsa65, 0}},
    {"mldsa87", {KeyAlgorithm::kMlDsa87, 0}},
    {"slhdsasha2128s", {KeyAlgorithm::kSlhDsaSha2128s, 0}},
    {"slhdsasha2128f", {KeyAlgorithm::kSlhDsaSha2128f, 0}},
    {"slhdsasha2192s", {KeyAlgorithm::kSlhDsaSha2192s, 0}},
    {"slhdsasha2192f", {KeyAlgorithm::kSlhDsaSha2192f, 0}},
    {"slhdsasha2256s", {KeyAlgorithm::kSlhDsaSha2256s, 0}},
    {"slhdsasha2256f", {KeyAlgorithm::kSlhDsaSha2256f, 0}},
    {"slhdsashake128s", {KeyAlgorithm::kSlhDsaShake128s, 0}},
    {"slhdsashake128f", {KeyAlgorithm::kSlhDsaShake128f, 0}},
    {"slhdsashake192s", {KeyAlgorithm::kSlhDsaShake192s, 0}},
    {"slhdsashake192f", {KeyAlgorithm::kSlhDsaShake192f, 0}},
    {"slhdsashake256s", {KeyAlgorithm::kSlhDsaShake256s, 0}},
    {"slhdsashake256f", {KeyAlgorithm::kSlhDsaShake256f, 0}},
    {"x25519", {KeyAlgorithm::kX25519, 0}},
    {"x448", {KeyAlgorithm::kX448, 0}},
    {"mlkem512", {KeyAlgorithm::kMlKem512, 0}},
    {"mlkem768", {KeyAlgorithm::kMlKem768, 0}},
    {"mlkem1024", {KeyAlgorithm::kMlKem1024, 0}},
}};

Result<KeyType> parse_rsa_size(std::string_view digits) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const KeyType type{KeyAlgorithm::kRsa, bits};
  if (error != std::errc{} || end != digits.data() + digits.size() || !is_valid_rsa_size(bits)) {
    return fail(Code::kInvalidArgument,
                "RSA keys have 2048 to 8192 bits in steps of 8, as in rsa-3072");
  }
  return type;
}

}  // namespace

bool is_valid_rsa_size(std::size_t bits) { return bits >= 2048 && bits <= 8192 && bits % 8 == 0; }

bool is_pss(SignatureScheme scheme) {
  return scheme >= SignatureScheme::kRsaPssSha256 && scheme <= SignatureScheme::kRsaPssSha512;
}

DigestAlgorithm hash_of(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::kRsaPkcs1Sha256:
    case SignatureScheme::kRsaPssSha256:
    case SignatureScheme::kEcdsaSha256:
      return DigestAlgorithm::kSha256;
    case SignatureScheme::kRsaPkcs1Sha384:
    case SignatureScheme::kRsaPssSha384:
    case SignatureScheme::kEcdsaSha384:
      return DigestAlgorithm::kSha384;
    default:
      return DigestAlgorithm::kSha512;
  }
}

std::string to_string(KeyType type) {
  if (type.algorithm == KeyAlgorithm::kRsa) return "RSA-" + std::to_string(type.rsa_bits);
  return std::string(facts(type.algorithm).name);
}

Result<KeyType> parse_key_type(std::string_view text) {
  std::string plain = to_lower(text.substr(0, 64));
  std::erase_if(plain, [](char c) { return c == ' ' || c == '-' || c == '_'; });
  for (const KeyTypeAlias& alias : kAliases) {
    if (plain == alias.text) return alias.type;
  }
  if (plain.starts_with("rsa")) return parse_rsa_size(std::string_view(plain).substr(3));
  return fail(Code::kInvalidArgument,
              "unknown key type \"" + printable(text, 40) +
                  "\"; choose rsa-2048 to rsa-8192, ec-p256, ec-p384, ec-p521, ed25519, ed448, "
                  "ml-dsa-44, -65 or -87, slh-dsa-sha2- or slh-dsa-shake- with 128s, 128f, 192s, "
                  "192f, 256s or 256f, or, for keys that do not sign, x25519, x448, ml-kem-512, "
                  "-768 or -1024");
}

std::string_view name(SignatureScheme scheme) { return facts(scheme).name; }

BytesView algorithm_identifier(SignatureScheme scheme) {
  return identifiers()[static_cast<std::size_t>(scheme)];
}

Result<SignatureScheme> parse_algorithm_identifier(BytesView der) {
  const Identifiers& all = identifiers();
  const auto found =
      std::ranges::find_if(all, [&](const Bytes& identifier) { return equal(identifier, der); });
  if (found != all.end()) return kSchemes[static_cast<std::size_t>(found - all.begin())].scheme;
  return parse_unusual_identifier(der);
}

bool can_sign(KeyAlgorithm algorithm) { return facts(algorithm).signs_with.has_value(); }

SignatureScheme default_scheme(KeyType type) {
  const auto scheme = facts(type.algorithm).signs_with;
  CHANCERY_CHECK(scheme.has_value());
  return *scheme;
}

bool fits(KeyAlgorithm algorithm, SignatureScheme scheme) {
  if (algorithm == KeyAlgorithm::kRsa) return scheme <= SignatureScheme::kRsaPssSha512;
  if (is_ec(algorithm)) {
    return scheme >= SignatureScheme::kEcdsaSha256 && scheme <= SignatureScheme::kEcdsaSha512;
  }
  return scheme == facts(algorithm).signs_with;
}

}  // namespace chancery::crypto
