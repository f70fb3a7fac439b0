#pragma once

#include "asn1/reader.h"
#include "base/bytes.h"
#include "base/time.h"
#include "x509/extensions.h"
#include "x509/name.h"

namespace chancery::x509 {

// TbsCertificate is the parsed part of a certificate that gets signed (RFC 5280 section 4.1.2).
// Certificate wraps it; the lints take it before there is a signature. Views look into the DER that
// was parsed.
struct TbsCertificate {
  BytesView der;    // with its header
  int version = 1;  // 1, 2 or 3
  BytesView serial;
  BytesView signature_algorithm;  // whole AlgorithmIdentifier
  Name issuer;
  BytesView validity;  // content of the SEQUENCE
  TimePoint not_before;
  TimePoint not_after;
  Name subject;
  BytesView spki;
  ExtensionSet extensions;

  // read takes the next element of `in`; parse wants nothing behind it. Errors: see
  // Certificate::parse.
  [[nodiscard]] static Result<TbsCertificate> read(asn1::Reader& in);
  [[nodiscard]] static Result<TbsCertificate> parse(BytesView der);
};

}  // namespace chancery::x509
