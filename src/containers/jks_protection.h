#pragma once

#include "base/random.h"
#include "base/secret_bytes.h"

// Sun's protection of keys and files. Internal to this folder; `password` is UTF-16BE.
namespace chancery::containers {

inline constexpr std::size_t kSha1Size = 20;

// jks_digest is the trailer of a file whose other bytes are `body`.
[[nodiscard]] Bytes jks_digest(BytesView password, BytesView body);

// Protected keys are salt, key XOR stream, SHA-1(password, key). Errors of open: kRefused (wrong
// password or altered), kMalformed (too short).
[[nodiscard]] Result<SecretBytes> open_jks_key(BytesView sealed, BytesView password);
[[nodiscard]] Bytes seal_jks_key(BytesView key, BytesView password, Random& random);

}  // namespace chancery::containers
