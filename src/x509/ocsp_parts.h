#pragma once

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "x509/ocsp.h"

namespace chancery::x509 {

// What OCSP requests and responses have in common. Internal to this folder.
[[nodiscard]] Result<CertId> read_cert_id(asn1::Reader& in);
// read_nonce decodes the nonce extension's value. Errors: kMalformed.
[[nodiscard]] Result<BytesView> read_nonce(BytesView value);
void write_nonce(asn1::Writer& out, BytesView nonce);

}  // namespace chancery::x509
