#pragma once

#include "crypto/key_backend.h"

namespace chancery::crypto {

// Raw keys are those whose subjectPublicKey is a plain byte string of fixed size: Ed25519 and
// ML-DSA.

// parse_raw_public_key refuses, for Ed25519, encodings that are not canonical and points of small
// order.
[[nodiscard]] Result<VerifyingKeyPtr> parse_raw_public_key(KeyAlgorithm algorithm, BytesView key);
// parse_raw_private_key takes the content of PKCS#8's privateKey: RFC 8410 section 7, RFC 9881
// section 6.
[[nodiscard]] Result<SigningKeyPtr> parse_raw_private_key(KeyAlgorithm algorithm, BytesView octets);
[[nodiscard]] Result<SigningKeyPtr> generate_raw_key(KeyAlgorithm algorithm);

}  // namespace chancery::crypto
