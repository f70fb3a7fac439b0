#pragma once

#include "base/bytes.h"

namespace chancery::containers {

// ber_to_der rewrites one BER element as DER, as far as lengths and strings in pieces go: NSS and
// old Windows write PKCS#12 with indefinite lengths and OCTET STRINGs in pieces. What is DER
// already comes out unchanged; contents are neither checked nor sorted. Internal to this folder.
// Bounds: 24 levels, the size of the input. Errors: kMalformed, kTooLarge.
[[nodiscard]] Result<Bytes> ber_to_der(BytesView ber);

}  // namespace chancery::containers
