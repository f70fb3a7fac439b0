#pragma once

#include "crypto/key_backend.h"

namespace chancery::crypto {

// parse_ec_point takes an uncompressed point of P-256, P-384 or P-521.
[[nodiscard]] Result<VerifyingKeyPtr> parse_ec_point(KeyAlgorithm curve, BytesView point);
// parse_ec_private_key reads a SEC 1 ECPrivateKey on this curve; a public key inside must belong to
// it.
[[nodiscard]] Result<SigningKeyPtr> parse_ec_private_key(KeyAlgorithm curve, BytesView der);
// read_ec_private_key_curve finds the curve of an ECPrivateKey that stands alone.
[[nodiscard]] Result<KeyAlgorithm> read_ec_private_key_curve(BytesView der);
[[nodiscard]] Result<SigningKeyPtr> generate_ec_key(KeyAlgorithm curve);
// with_curve adds the parameters that an ECPrivateKey outside of PKCS#8 needs.
[[nodiscard]] Result<SecretBytes> with_curve(KeyAlgorithm curve, BytesView ec_private_key);

}  // namespace chancery::crypto
