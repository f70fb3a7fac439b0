#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/public_key.h"
#include "jose/algorithm.h"
#include "jose/json.h"

namespace chancery::jose {

// Jws is a signed message in the flattened JSON serialization (RFC 7515 section 7.2.2) as RFC 8555
// section 6.2 narrows it; nothing of it is to be believed before verify. Value.
struct Jws {
  std::string alg;  // as it stands in the header
  std::optional<Json> jwk;
  std::optional<std::string> kid;
  std::optional<std::string> url;
  std::optional<std::string> nonce;
  std::string payload;  // decoded

  std::string signing_input;
  Bytes signature;
};

inline constexpr std::size_t kMaxJws = std::size_t{64} * 1024;

// read_jws reads "protected", "payload" and "signature". It refuses an unprotected header, several
// signatures, base64 with padding or of the other alphabet, a name that stands twice, and every
// "crit" (no extension is known, "b64" included). Errors: kMalformed, kTooLarge; Error::where has
// the field.
[[nodiscard]] Result<Jws> read_jws(std::string_view text);
// The same for one that is a value in another document (RFC 8555 sections 7.3.4 and 7.3.5).
[[nodiscard]] Result<Jws> read_jws(const Json& object);

// verify checks the signature; the algorithm must be the one for keys of this type, so no MAC ever
// passes. Errors: kUnsupported (algorithm), kInvalidArgument (it does not fit the key), kRefused
// (signature).
[[nodiscard]] Result<void> verify(const Jws& jws, const crypto::PublicKey& key);

// verify_mac checks a MAC in constant time; the key must be as long as the hash (RFC 7518 section
// 3.2). Errors: kUnsupported (not HS256, HS384, HS512), kInvalidArgument (key too short), kRefused.
[[nodiscard]] Result<void> verify_mac(const Jws& jws, BytesView key);

}  // namespace chancery::jose
