#pragma once

// Internal to this folder: facts about signature schemes and sizes that several files need.

#include "crypto/algorithm.h"
#include "crypto/digest.h"

namespace chancery::crypto {

// hash_of is the hash of the message; for schemes that hash inside (Ed25519, ML-DSA, ...) it has no
// meaning.
[[nodiscard]] DigestAlgorithm hash_of(SignatureScheme scheme);
[[nodiscard]] bool is_pss(SignatureScheme scheme);
[[nodiscard]] bool is_valid_rsa_size(std::size_t bits);
[[nodiscard]] constexpr bool is_ec(KeyAlgorithm algorithm) {
  return algorithm >= KeyAlgorithm::kEcdsaP256 && algorithm <= KeyAlgorithm::kEcdsaP521;
}
[[nodiscard]] constexpr bool is_slh_dsa(KeyAlgorithm algorithm) {
  return algorithm >= KeyAlgorithm::kSlhDsaSha2128s && algorithm <= KeyAlgorithm::kSlhDsaShake256f;
}

}  // namespace chancery::crypto
