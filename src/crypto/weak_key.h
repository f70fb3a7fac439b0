#pragma once

#include "crypto/public_key.h"

namespace chancery::crypto {

// check_weak_key refuses keys whose private half others know or can find: the published test keys
// of RFC 9500 (P-256, -384, -521, RSA-2048 and -4096; compared by 16 bytes of the key), and RSA
// moduli with a factor below 752, with two factors so close that 100 of Fermat's steps find them,
// or made by the library of CVE-2017-15361 (ROCA). Sizes, exponents, points and orders are
// PublicKey::from_spki's matter. For those about to be certified: some 20 µs for RSA-2048, under
// 0.1 µs for the rest. Errors: kRefused, with the reason; "rule" weak_key.
[[nodiscard]] Result<void> check_weak_key(const PublicKey& key);

}  // namespace chancery::crypto
