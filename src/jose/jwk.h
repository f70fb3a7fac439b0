#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/public_key.h"
#include "jose/algorithm.h"
#include "jose/json.h"

namespace chancery::jose {

// Jwk is a public key for signatures as a client wrote it (RFC 7517), checked. Value.
struct Jwk {
  crypto::PublicKey key;
  std::string thumbprint;        // RFC 7638 with SHA-256, base64url
  std::optional<Algorithm> alg;  // the only algorithm it is for, where it says so
};

// parse_jwk reads an RSA key (2048 to 4096 bits), one on P-256, P-384 or P-521 (RFC 7518 section
// 6), or Ed25519 (RFC 8037). Numbers must have exactly the length that the RFCs demand; a "use"
// other than "sig", "key_ops" without "verify" and a private key are refused. Errors: kMalformed;
// kUnsupported (kty, crv, alg); kRefused (a weak key).
[[nodiscard]] Result<Jwk> parse_jwk(const Json& jwk);

// algorithm_of is what keys of this type sign JWS with; nothing for keys that do not.
[[nodiscard]] std::optional<Algorithm> algorithm_of(crypto::KeyType type);

}  // namespace chancery::jose
