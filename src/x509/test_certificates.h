#pragma once

#include <string_view>

#include "crypto/private_key.h"
#include "x509/certificate.h"
#include "x509/certificate_builder.h"

// Certificates for tests of this and higher folders.
namespace chancery::x509::testing {

inline const Bytes kSerial{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99};
inline constexpr TimePoint kNotBefore = from_unix(1'772'323'200);  // 2026-03-01T00:00:00Z
inline constexpr TimePoint kNotAfter = from_unix(1'780'272'000);   // 2026-06-01T00:00:00Z

inline Name name_of(std::string_view rfc4514) { return Name::parse(rfc4514).value(); }

// sign encodes, signs with the key's default scheme and parses.
inline Result<Certificate> sign(TbsFields fields, const crypto::PrivateKey& issuer) {
  fields.scheme = crypto::default_scheme(issuer.type());
  const Bytes tbs = TRY(encode_tbs(fields));
  const Bytes signature = TRY(issuer.sign(fields.scheme, tbs));
  return Certificate::parse(assemble(tbs, fields.scheme, signature));
}

// make_ca makes a self-signed CA certificate.
inline Certificate make_ca(const crypto::PrivateKey& key,
                           std::string_view subject = "CN=Test CA,O=Example") {
  const Name name = name_of(subject);
  const crypto::Sha1 id = key_identifier(key.public_key());
  TbsFields fields;
  fields.serial = kSerial;
  fields.issuer = name.der();
  fields.subject = name.der();
  fields.not_before = kNotBefore;
  fields.not_after = kNotAfter;
  fields.spki = key.public_key().spki();
  fields.key_usage = KeyUsage{KeyUsageBit::kKeyCertSign, KeyUsageBit::kCrlSign};
  fields.basic_constraints = BasicConstraints{true, {}};
  fields.subject_key_id = id;
  return sign(fields, key).value();
}

}  // namespace chancery::x509::testing
