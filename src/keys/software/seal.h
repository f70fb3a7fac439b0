#pragma once

#include <string>

#include "base/random.h"
#include "base/secret_bytes.h"
#include "crypto/symmetric.h"

namespace chancery::keys {

// A seal protects the root key under which a directory's private keys are encrypted. It is one
// file, "seal.pem", beside the keys:
//
//   Seal ::= SEQUENCE { version INTEGER (1), kind UTF8String ("passphrase" | "file"),
//     memoryKiB INTEGER, iterations INTEGER, lanes INTEGER,    -- Argon2id; 0 for "file"
//     salt OCTET STRING, sealedRootKey OCTET STRING }           -- AES-256-GCM
enum class SealKind : std::uint8_t { kPassphrase, kFile };

// create_passphrase_seal makes a new root key sealed by Argon2id over the passphrase. Errors:
// kAlreadyExists, kInvalidArgument (passphrase under 8 bytes), and those of writing files.
[[nodiscard]] Result<void> create_passphrase_seal(const std::string& directory,
                                                  BytesView passphrase,
                                                  const crypto::Argon2Cost& cost, Random& random);
// create_file_seal makes a new root key sealed by "root.key" in the same directory: whoever can
// read the directory can use the keys. For development and for disks that are protected by other
// means.
[[nodiscard]] Result<void> create_file_seal(const std::string& directory, Random& random);

[[nodiscard]] Result<SealKind> seal_kind(const std::string& directory);

// unseal returns the root key. `passphrase` is ignored for a file seal. Errors: kNotFound (no
// seal), kUnauthenticated (wrong passphrase), kDataLoss (altered seal), kRefused (readable by
// others).
[[nodiscard]] Result<SecretBytes> unseal(const std::string& directory, BytesView passphrase);

}  // namespace chancery::keys
