#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"

// The subject's key as the bytes say it, sound or not: crypto::PublicKey refuses what these rules
// are about. Internal to this folder; pure; views look into the SPKI.
namespace chancery::x509::lint {

struct RsaKey {
  BytesView modulus;  // without leading zeros
  BytesView exponent;
  bool null_parameters = false;
};

// spki_algorithm is the whole AlgorithmIdentifier, or nothing where there is none.
[[nodiscard]] std::optional<BytesView> spki_algorithm(BytesView spki);
// read_rsa_key gives nothing for keys that are not rsaEncryption, or whose numbers cannot be read.
[[nodiscard]] std::optional<RsaKey> read_rsa_key(BytesView spki);
[[nodiscard]] std::size_t modulus_bits(const RsaKey& key);

}  // namespace chancery::x509::lint
