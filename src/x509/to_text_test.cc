#include "x509/to_text.h"

#include <doctest/doctest.h>

#include "x509/oids.h"
#include "x509/test_certificates.h"

namespace chancery::x509 {
namespace {

using crypto::KeyAlgorithm;
using crypto::PrivateKey;

bool has_line(const std::string& text, std::string_view line) {
  return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

TEST_CASE("certificates, requests and CRLs are described for people") {
  const PrivateKey key = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  const std::string ca = to_text(testing::make_ca(key));
  CHECK(has_line(ca, "Subject:              CN=Test CA,O=Example"));
  CHECK(has_line(ca, "Serial:               11:22:33:44:55:66:77:88:99"));
  CHECK(has_line(ca, "Valid until:          2026-06-01T00:00:00Z"));
  CHECK(has_line(ca, "Key:                  ECDSA P-256"));
  CHECK(has_line(ca, "Signature:            ecdsa-with-SHA256"));
  CHECK(has_line(ca, "Basic constraints:    CA, any number of CAs below"));
  CHECK(has_line(ca, "Key usage:            keyCertSign, cRLSign"));

  const Name subject = Name::parse("CN=x").value();
  const std::vector<GeneralName> names{GeneralName::parse("DNS:x").value(),
                                       GeneralName::parse("IP:::1").value()};
  RequestFields fields;
  fields.subject = subject.der();
  fields.spki = key.public_key().spki();
  fields.subject_alt_names = names;
  const Bytes info = encode_request_info(fields).value();
  const auto scheme = crypto::default_scheme(key.type());
  const auto request =
      CertificationRequest::parse(assemble(info, scheme, key.sign(scheme, info).value())).value();
  CHECK(has_line(to_text(request), "Signature:            ecdsa-with-SHA256 (verifies)"));
  CHECK(has_line(to_text(request), "Alternative names:    DNS:x, IP:::1"));

  CrlHeader header;
  header.issuer = subject.der();
  header.this_update = testing::kNotBefore;
  header.next_update = testing::kNotAfter;
  header.number = testing::kSerial;
  header.authority_key_id = testing::kSerial;
  Bytes entries = encode_crl_entry(Bytes{1}, testing::kNotBefore, ReasonCode::kSuperseded);
  append(entries, encode_crl_entry(Bytes{2}, testing::kNotBefore, ReasonCode::kSuperseded));
  const Bytes der = assemble_crl(encode_tbs_crl(header, entries), header.scheme, Bytes{1});
  const std::string crl = to_text(CertificateList::parse(der).value(), 1);
  CHECK(has_line(crl, "Revoked:              2"));
  CHECK(has_line(crl, "  01:                 2026-03-01T00:00:00Z, superseded"));
  CHECK(has_line(crl, "...:                  1 more"));
}

}  // namespace
}  // namespace chancery::x509
