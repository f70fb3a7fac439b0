#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "asn1/writer.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "x509/extensions.h"

namespace chancery::x509::path::testing {

// CertificateSpec is what a certificate is to hold, without any check: unlike x509::TbsFields it
// can be wrong in every way that a parser or verifier has to notice.
struct CertificateSpec {
  int version = 3;
  Bytes serial{0x01};
  Bytes issuer;   // DER
  Bytes subject;  // DER
  TimePoint not_before;
  TimePoint not_after;
  Bytes spki;
  Bytes algorithm;                // AlgorithmIdentifier
  std::vector<Bytes> extensions;  // whole elements
};

using Sign = std::function<Bytes(BytesView)>;

// encode writes the certificate and has its TBS signed.
[[nodiscard]] Bytes encode(const CertificateSpec& spec, const Sign& sign);
// sign_with signs with a key's default scheme; algorithm_of is that scheme's AlgorithmIdentifier.
[[nodiscard]] Sign sign_with(const crypto::PrivateKey& key);
[[nodiscard]] Bytes algorithm_of(const crypto::PrivateKey& key);

// extension encodes one whole Extension; `body` writes its value.
[[nodiscard]] Bytes extension(const asn1::Oid& id, bool critical,
                              const std::function<void(asn1::Writer&)>& body);
// written is what one of the write_* functions of x509/extensions.h writes.
[[nodiscard]] Bytes written(const std::function<void(asn1::Writer&)>& write);
[[nodiscard]] Bytes policy_mappings(const std::vector<std::pair<asn1::Oid, asn1::Oid>>& mappings);
// policy_constraints leaves out what is negative.
[[nodiscard]] Bytes policy_constraints(int require_explicit, int inhibit_mapping);
[[nodiscard]] Bytes inhibit_any_policy(int skip);

}  // namespace chancery::x509::path::testing
