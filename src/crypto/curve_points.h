#pragma once

// Internal to this folder: which byte strings are sound public keys on the curves of RFC 7748 and
// RFC 8032.

#include "base/bytes.h"
#include "crypto/algorithm.h"

namespace chancery::crypto {

// check_curve_point looks at a key of the right length for Ed25519, Ed448, X25519 or X448; others
// pass. It refuses encodings that are not canonical (a coordinate of p or more) and points of small
// order, with which anybody can sign or every shared secret is known. It does not look whether the
// coordinate has a point: a key without one verifies nothing. Errors: kMalformed, kRefused.
[[nodiscard]] Result<void> check_curve_point(KeyAlgorithm algorithm, BytesView key);

}  // namespace chancery::crypto
