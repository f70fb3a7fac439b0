#pragma once

// Internal to this folder: the AlgorithmIdentifiers of keys (not of signatures).

#include "asn1/reader.h"
#include "crypto/algorithm.h"

namespace chancery::crypto {

// key_algorithm_identifier is a whole AlgorithmIdentifier element; static memory.
[[nodiscard]] BytesView key_algorithm_identifier(KeyAlgorithm algorithm);
// read_key_algorithm reads one AlgorithmIdentifier, as SPKI and PKCS#8 both hold it.
// Errors: kMalformed, kUnsupported (names the OID).
[[nodiscard]] Result<KeyAlgorithm> read_key_algorithm(asn1::Reader& reader);
// read_curve reads a namedCurve OBJECT IDENTIFIER. Errors: kMalformed, kUnsupported.
[[nodiscard]] Result<KeyAlgorithm> read_curve(asn1::Reader& reader);
// curve_oid is the content octets of the curve's OID.
[[nodiscard]] BytesView curve_oid(KeyAlgorithm algorithm);

[[nodiscard]] Bytes write_spki(KeyAlgorithm algorithm, BytesView key_bits);

}  // namespace chancery::crypto
