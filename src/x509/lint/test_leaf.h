#pragma once

#include <string_view>
#include <vector>

#include "asn1/writer.h"
#include "x509/lint/lint.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

// A sound TLS server certificate for the tests of this folder to spoil.
namespace chancery::x509::lint::testing {

using x509::testing::kNotAfter;
using x509::testing::kNotBefore;

inline const crypto::PrivateKey& ec_key() {
  static const auto kKey =
      crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  return kKey;
}

struct Leaf {
  Name issuer = Name::parse("CN=Issuer").value();
  Name subject = Name::parse("CN=www.example.com").value();
  Bytes key_id = Bytes(20, 1);
  Bytes serial = x509::testing::kSerial;
  Bytes spki = to_bytes(ec_key().public_key().spki());
  std::vector<asn1::Oid> purposes{oids::kServerAuth};
  std::vector<GeneralName> names{GeneralName::parse("DNS:www.example.com").value()};
  NameConstraints constraints{{GeneralName::parse("DNS:example.com").value()}, {}};
  std::vector<PolicyInformation> policies;
  std::vector<std::string> ocsp_urls, issuer_urls, crl_urls;
  asn1::Writer more;  // whole extensions
  TbsFields fields;
  LintContext context;

  Leaf() {
    fields.not_before = kNotBefore;
    fields.not_after = kNotAfter;
    fields.key_usage = KeyUsage{KeyUsageBit::kDigitalSignature};
    context = {kNotBefore, kNotAfter, crypto::KeyAlgorithm::kEcdsaP256, {}};
  }
  [[nodiscard]] Bytes tbs() {
    fields.issuer = issuer.der();
    fields.subject = subject.der();
    fields.serial = serial;
    fields.spki = spki;
    fields.authority_key_id = key_id;
    fields.extended_key_usage = purposes;
    fields.subject_alt_names = names;
    fields.policies = policies;
    fields.ocsp_urls = ocsp_urls;
    fields.ca_issuer_urls = issuer_urls;
    fields.crl_urls = crl_urls;
    fields.encoded_extensions = more.view();
    return encode_tbs(fields).value();
  }
  // extension adds one whole extension.
  void extension(const asn1::Oid& id, bool critical, std::string_view value_hex) {
    write_extension(more, {id, critical, parse_hex(value_hex).value()});
  }
};

inline void set_name(Leaf& leaf, std::string_view name) {
  leaf.names = {GeneralName::parse(name).value()};
}

inline void make_ca(Leaf& leaf) {
  leaf.fields.basic_constraints = BasicConstraints{true, {}};
  leaf.fields.key_usage = KeyUsage{KeyUsageBit::kKeyCertSign, KeyUsageBit::kCrlSign};
  leaf.fields.subject_key_id = leaf.key_id;
}

}  // namespace chancery::x509::lint::testing
