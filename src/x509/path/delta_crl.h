#pragma once

#include "x509/crl.h"

// Delta CRLs (RFC 5280 section 5.2.4). Internal to this folder.
namespace chancery::x509::path {

// is_less compares CRL numbers: contents of INTEGERs that are not negative.
[[nodiscard]] bool is_less(BytesView a, BytesView b);

// is_delta_to says whether a delta can be put on top of a complete list: of the same issuer, key
// and scope, made for a base that is not newer than the list, and itself newer than it. Both have
// numbers then.
[[nodiscard]] bool is_delta_to(const CertificateList& delta, const CertificateList& complete);

}  // namespace chancery::x509::path
