#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/algorithm.h"
#include "x509/extensions.h"

namespace chancery::x509 {

// TbsFields is everything a TBSCertificate says, as views of memory that the caller keeps. An
// extension is left out when its field is empty. encode_tbs writes them in the order of this
// struct.
struct TbsFields {
  BytesView serial;  // content octets: positive, minimal, 1..20
  crypto::SignatureScheme scheme = crypto::SignatureScheme::kEcdsaSha256;
  BytesView issuer;  // Name::der()
  TimePoint not_before;
  TimePoint not_after;
  BytesView subject;  // Name::der()
  BytesView spki;     // PublicKey::spki()

  std::optional<KeyUsage> key_usage;  // critical; left out when empty
  std::span<const asn1::Oid> extended_key_usage;
  Criticality extended_key_usage_critical = Criticality::kNonCritical;
  std::optional<BasicConstraints> basic_constraints;
  Criticality basic_constraints_critical = Criticality::kCritical;
  BytesView subject_key_id;
  BytesView authority_key_id;
  std::span<const std::string> ocsp_urls;
  std::span<const std::string> ca_issuer_urls;
  std::span<const GeneralName> subject_alt_names;  // critical when the subject is empty
  std::span<const PolicyInformation> policies;
  const NameConstraints* name_constraints = nullptr;
  std::span<const std::string> crl_urls;
  std::span<const std::string> freshest_crl_urls;
  // Further extensions; then whole Extension elements that the caller encoded before (a profile's
  // constant ones, made once with the write_* functions).
  std::span<const Extension> more;
  BytesView encoded_extensions;
};

// encode_tbs writes the version 3 TBSCertificate. It is a pure function of its input.
// Errors: kInvalidArgument: serial not positive, minimal or at most 20 octets; a Name or key
// missing; notAfter before notBefore; two extensions of one OID among the fields and `more`.
[[nodiscard]] Result<Bytes> encode_tbs(const TbsFields& fields);

// assemble joins a TBS (certificate, CRL or request information) with its signature into the signed
// structure.
[[nodiscard]] Bytes assemble(BytesView tbs, crypto::SignatureScheme scheme, BytesView signature);

}  // namespace chancery::x509
