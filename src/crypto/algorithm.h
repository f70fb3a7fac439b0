#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chancery::crypto {

enum class KeyAlgorithm : std::uint8_t {
  kRsa,
  kEcdsaP256,
  kEcdsaP384,
  kEcdsaP521,
  kEd25519,
  kEd448,
  kMlDsa44,
  kMlDsa65,
  kMlDsa87,
  kSlhDsaSha2128s,
  kSlhDsaSha2128f,
  kSlhDsaSha2192s,
  kSlhDsaSha2192f,
  kSlhDsaSha2256s,
  kSlhDsaSha2256f,
  kSlhDsaShake128s,
  kSlhDsaShake128f,
  kSlhDsaShake192s,
  kSlhDsaShake192f,
  kSlhDsaShake256s,
  kSlhDsaShake256f,
  // These agree on or encapsulate secrets and sign nothing: see can_sign.
  kX25519,
  kX448,
  kMlKem512,
  kMlKem768,
  kMlKem1024,
};

// KeyType is an algorithm with its size: rsa_bits is 2048..8192 in steps of 8 for RSA, 0 otherwise.
struct KeyType {
  KeyAlgorithm algorithm = KeyAlgorithm::kEcdsaP256;
  unsigned rsa_bits = 0;

  friend bool operator==(const KeyType&, const KeyType&) = default;
};

// SignatureScheme is everything an AlgorithmIdentifier of a signature says. PSS uses the same hash
// for MGF1 and a salt as long as the hash (RFC 4055 section 3.1).
enum class SignatureScheme : std::uint8_t {
  kRsaPkcs1Sha256,
  kRsaPkcs1Sha384,
  kRsaPkcs1Sha512,
  kRsaPssSha256,
  kRsaPssSha384,
  kRsaPssSha512,
  kEcdsaSha256,
  kEcdsaSha384,
  kEcdsaSha512,
  kEd25519,
  kEd448,
  kMlDsa44,
  kMlDsa65,
  kMlDsa87,
  kSlhDsaSha2128s,
  kSlhDsaSha2128f,
  kSlhDsaSha2192s,
  kSlhDsaSha2192f,
  kSlhDsaSha2256s,
  kSlhDsaSha2256f,
  kSlhDsaShake128s,
  kSlhDsaShake128f,
  kSlhDsaShake192s,
  kSlhDsaShake192f,
  kSlhDsaShake256s,
  kSlhDsaShake256f,
};

// to_string gives "RSA-2048", "ECDSA P-256", "Ed25519", "ML-DSA-65", "SLH-DSA-SHA2-128s", "X25519",
// "ML-KEM-768"; parse_key_type reads the forms people type: "rsa-2048", "rsa2048", "ec-p256",
// "p256", "ed25519", "ml-dsa-65". Errors: kInvalidArgument, with the choices.
[[nodiscard]] std::string to_string(KeyType type);
[[nodiscard]] Result<KeyType> parse_key_type(std::string_view text);
[[nodiscard]] std::string_view name(SignatureScheme scheme);  // RFC names: "ecdsa-with-SHA256"

// algorithm_identifier is the scheme's AlgorithmIdentifier as DER, header included; static memory.
[[nodiscard]] BytesView algorithm_identifier(SignatureScheme scheme);
// parse_algorithm_identifier takes a whole AlgorithmIdentifier element and accepts exactly the
// encodings that algorithm_identifier writes (and RSA PKCS#1 without NULL, RFC 4055 section 5:
// accepted on input). Errors: kMalformed, kUnsupported (names the OID).
[[nodiscard]] Result<SignatureScheme> parse_algorithm_identifier(BytesView der);

// parse_key_algorithm takes the whole AlgorithmIdentifier of a SubjectPublicKeyInfo and says of
// which kind the key beside it is, without looking at the key. Errors: kMalformed, kUnsupported
// (names the OID).
[[nodiscard]] Result<KeyAlgorithm> parse_key_algorithm(BytesView der);

// can_sign is false for keys that only agree on or encapsulate secrets. They can be certified, but
// their holder cannot prove possession by a signature (RFC 4211 section 4.2 has other ways).
[[nodiscard]] bool can_sign(KeyAlgorithm algorithm);
// default_scheme is what a key of this type signs with when nobody asks otherwise: PKCS#1 SHA-256
// for RSA, the curve's hash for ECDSA. The key can sign.
[[nodiscard]] SignatureScheme default_scheme(KeyType type);
// fits says whether keys of this algorithm can make signatures of this scheme.
[[nodiscard]] bool fits(KeyAlgorithm algorithm, SignatureScheme scheme);

}  // namespace chancery::crypto
