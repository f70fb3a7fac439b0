#pragma once

// Internal to this folder: facts about signature schemes and sizes that several files need.

#include "crypto/algorithm.h"
#include "crypto/digest.h"

namespace chancery::crypto {

// hash_of is the hash of the message; for Ed25519 and ML-DSA, which hash inside, it has no meaning.
[[nodiscard]] DigestAlgorithm hash_of(SignatureScheme scheme);
[[nodiscard]] bool is_pss(SignatureScheme scheme);
[[nodiscard]] bool is_valid_rsa_size(std::size_t bits);

}  // namespace chancery::crypto
