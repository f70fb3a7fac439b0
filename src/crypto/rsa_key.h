#pragma once

#include "crypto/key_backend.h"

namespace chancery::crypto {

// parse_rsa_public_key reads a PKCS#1 RSAPublicKey and applies the rules of PublicKey::from_spki.
[[nodiscard]] Result<ParsedPublicKey> parse_rsa_public_key(BytesView der);
// parse_rsa_private_key reads a PKCS#1 RSAPrivateKey of two primes and checks that its numbers
// belong together.
[[nodiscard]] Result<SigningKeyPtr> parse_rsa_private_key(BytesView der);
[[nodiscard]] Result<SigningKeyPtr> generate_rsa_key(unsigned bits);

}  // namespace chancery::crypto
