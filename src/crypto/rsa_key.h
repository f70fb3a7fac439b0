#pragma once

#include <atomic>

#include "crypto/key_backend.h"

namespace chancery::crypto {

// parse_rsa_public_key reads a PKCS#1 RSAPublicKey and applies the rules of PublicKey::from_spki.
[[nodiscard]] Result<ParsedPublicKey> parse_rsa_public_key(BytesView der);
// parse_rsa_private_key reads a PKCS#1 RSAPrivateKey of two primes and checks that its numbers
// belong together.
[[nodiscard]] Result<SigningKeyPtr> parse_rsa_private_key(BytesView der);
// generate_rsa_key gives up soon after `cancelled`, if any, becomes true. Errors: kInvalidArgument,
// kUnavailable (cancelled), kInternal.
[[nodiscard]] Result<SigningKeyPtr> generate_rsa_key(unsigned bits,
                                                     const std::atomic<bool>* cancelled);

}  // namespace chancery::crypto
