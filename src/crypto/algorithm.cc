#include "crypto/algorithm.h"

#include <algorithm>
#include <array>
#include <charconv>
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
constexpr std::array<SchemeFacts, 13> kSchemes = {{
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
    {SignatureScheme::kMlDsa44, "ML-DSA-44", Oid("2.16.840.1.101.3.4.3.17")},
    {SignatureScheme::kMlDsa65, "ML-DSA-65", Oid("2.16.840.1.101.3.4.3.18")},
    {SignatureScheme::kMlDsa87, "ML-DSA-87", Oid("2.16.840.1.101.3.4.3.19")},
}};

const SchemeFacts& facts(SignatureScheme scheme) {
  const SchemeFacts& found = kSchemes[static_cast<std::size_t>(scheme)];
  CHANCERY_CHECK(found.scheme == scheme);
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
constexpr std::array<KeyTypeAlias, 12> kAliases = {{
    {"ecp256", {KeyAlgorithm::kEcdsaP256, 0}},
    {"ecdsap256", {KeyAlgorithm::kEcdsaP256, 0}},
    {"p256", {KeyAlgorithm::kEcdsaP256, 0}},
    {"secp256r1", {KeyAlgorithm::kEcdsaP256, 0}},
    {"ecp384", {KeyAlgorithm::kEcdsaP384, 0}},
    {"ecdsap384", {KeyAlgorithm::kEcdsaP384, 0}},
    {"p384", {KeyAlgorithm::kEcdsaP384, 0}},
    {"secp384r1", {KeyAlgorithm::kEcdsaP384, 0}},
    {"ed25519", {KeyAlgorithm::kEd25519, 0}},
    {"mldsa44", {KeyAlgorithm::kMlDsa44, 0}},
    {"mldsa65", {KeyAlgorithm::kMlDsa65, 0}},
    {"mldsa87", {KeyAlgorithm::kMlDsa87, 0}},
}};

Result<KeyType> parse_rsa_size(std::string_view digits) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const KeyType type{KeyAlgorithm::kRsa, bits};
  if (error != std::errc{} || end != digits.data() + digits.size() || !is_valid_rsa_size(bits)) {
    return fail(Code::kInvalidArgument,
                "RSA keys have 2048 to 4096 bits in steps of 8, as in rsa-3072");
  }
  return type;
}

}  // namespace

bool is_valid_rsa_size(std::size_t bits) { return bits >= 2048 && bits <= 4096 && bits % 8 == 0; }

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
  switch (type.algorithm) {
    case KeyAlgorithm::kRsa:
      return "RSA-" + std::to_string(type.rsa_bits);
    case KeyAlgorithm::kEcdsaP256:
      return "ECDSA P-256";
    case KeyAlgorithm::kEcdsaP384:
      return "ECDSA P-384";
    case KeyAlgorithm::kEd25519:
      return "Ed25519";
    case KeyAlgorithm::kMlDsa44:
      return "ML-DSA-44";
    case KeyAlgorithm::kMlDsa65:
      return "ML-DSA-65";
    case KeyAlgorithm::kMlDsa87:
      return "ML-DSA-87";
  }
  return "?";
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
                  "\"; choose rsa-2048 to rsa-4096, ec-p256, ec-p384, ed25519, ml-dsa-44, "
                  "ml-dsa-65 or ml-dsa-87");
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

SignatureScheme default_scheme(KeyType type) {
  switch (type.algorithm) {
    case KeyAlgorithm::kRsa:
      return SignatureScheme::kRsaPkcs1Sha256;
    case KeyAlgorithm::kEcdsaP256:
      return SignatureScheme::kEcdsaSha256;
    case KeyAlgorithm::kEcdsaP384:
      return SignatureScheme::kEcdsaSha384;
    case KeyAlgorithm::kEd25519:
      return SignatureScheme::kEd25519;
    case KeyAlgorithm::kMlDsa44:
      return SignatureScheme::kMlDsa44;
    case KeyAlgorithm::kMlDsa65:
      return SignatureScheme::kMlDsa65;
    case KeyAlgorithm::kMlDsa87:
      return SignatureScheme::kMlDsa87;
  }
  CHANCERY_CHECK(false);
  return SignatureScheme::kEd25519;
}

bool fits(KeyAlgorithm algorithm, SignatureScheme scheme) {
  switch (algorithm) {
    case KeyAlgorithm::kRsa:
      return scheme <= SignatureScheme::kRsaPssSha512;
    case KeyAlgorithm::kEcdsaP256:
    case KeyAlgorithm::kEcdsaP384:
      return scheme >= SignatureScheme::kEcdsaSha256 && scheme <= SignatureScheme::kEcdsaSha512;
    default:
      return scheme == default_scheme({algorithm, 0});
  }
}

}  // namespace chancery::crypto
