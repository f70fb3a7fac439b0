#pragma once

#include "crypto/key_backend.h"

namespace chancery::crypto {

// Raw keys are those whose subjectPublicKey is a plain byte string of fixed size: Ed25519, Ed448,
// ML-DSA, SLH-DSA, and X25519, X448 and ML-KEM, which sign nothing.

// parse_raw_public_key refuses keys on the Edwards and Montgomery curves that check_curve_point
// refuses, and ML-KEM keys with a coefficient out of range (FIPS 203 section 7.2).
[[nodiscard]] Result<VerifyingKeyPtr> parse_raw_public_key(KeyAlgorithm algorithm, BytesView key);
// parse_raw_private_key takes the content of PKCS#8's privateKey: RFC 8410 section 7, RFC 9881
// section 6, RFC 9909 section 6, RFC 9935 section 6.
[[nodiscard]] Result<SigningKeyPtr> parse_raw_private_key(KeyAlgorithm algorithm,
                                                          BytesView content);
[[nodiscard]] Result<SigningKeyPtr> generate_raw_key(KeyAlgorithm algorithm);

}  // namespace chancery::crypto
