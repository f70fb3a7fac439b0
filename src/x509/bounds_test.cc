// Refusals and texts at the edges that other files of this folder do not come to.

#include <doctest/doctest.h>

#include "asn1/writer.h"
#include "x509/crl.h"
#include "x509/csr.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"
#include "x509/to_text.h"

namespace chancery::x509 {
namespace {

using crypto::KeyAlgorithm;
using crypto::PrivateKey;
using crypto::SignatureScheme;

Bytes request_info(const crypto::PublicKey& key) {
  const Name subject = testing::name_of("CN=x");
  RequestFields fields;
  fields.subject = subject.der();
  fields.spki = key.spki();
  return encode_request_info(fields).value();
}

TEST_CASE("a request of a key that signs nothing cannot prove possession") {
  const auto key = PrivateKey::generate({KeyAlgorithm::kX25519, 0}).value();
  const Bytes der =
      assemble(request_info(key.public_key()), SignatureScheme::kEcdsaSha256, Bytes(64, 1));
  const auto request = CertificationRequest::parse(der).value();
  const auto proof = request.verify_signature();
  REQUIRE_FALSE(proof.has_value());
  CHECK(proof.error().code == Code::kRefused);
  CHECK(proof.error().detail.contains("sign nothing"));
}

TEST_CASE("a request over 256 KiB is not looked at") {
  const Bytes large(256 * 1024 + 1, 0x30);
  CHECK(CertificationRequest::parse(BytesView(large)).error().code == Code::kTooLarge);
  CHECK(CertificationRequest::parse(large).error().code == Code::kTooLarge);
}

TEST_CASE("a CRL says the same algorithm inside and outside of what is signed") {
  const Name issuer = testing::name_of("CN=Test CA");
  CrlHeader header;
  header.issuer = issuer.der();
  header.this_update = testing::kNotBefore;
  header.next_update = testing::kNotAfter;
  const Bytes number{1};
  header.number = number;
  const auto parse = [&](SignatureScheme outside) {
    return CertificateList::parse(
        assemble_crl(encode_tbs_crl(header, BytesView{}), outside, Bytes(8, 1)));
  };
  CHECK(parse(header.scheme).has_value());
  CHECK(parse(SignatureScheme::kEcdsaSha384).error().detail ==
        "signature algorithms inside and outside the signed part differ");
}

TEST_CASE("a chain in PEM is of certificates alone") {
  const auto key = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  const std::string one = testing::make_ca(key).to_pem();
  CHECK(Certificate::all_from_pem(one + one).value().size() == 2);
  const std::string other = "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n";
  CHECK(Certificate::all_from_pem(one + other).error().detail == "PEM block is not a CERTIFICATE");
}

TEST_CASE("control characters of a name are shown as escapes") {
  asn1::Writer w;
  w.sequence([&] {
    w.nest(asn1::kSet, [&] {
      w.sequence([&] {
        w.oid(oids::kCommonName.der());
        w.element(asn1::kUtf8String, std::string_view("a\nb\x1b[31m\x7f\0c", 11));
      });
    });
  });
  const auto name = Name::from_der(w.view());
  if (name) CHECK(name->to_string() == "CN=a\\0ab\\1b[31m\\7f\\00c");
  CHECK(name.has_value());
}

Bytes subtrees(std::size_t count) {
  asn1::Writer w;
  w.sequence([&] {
    w.nest(asn1::context_constructed(0), [&] {
      for (std::size_t i = 0; i < count; ++i) {
        w.sequence([&] { w.element(asn1::context(2), "a.test"); });
      }
    });
  });
  return std::move(w).take();
}

TEST_CASE("name constraints are 2000 at most") {
  CHECK(read_name_constraints(subtrees(2000)).value().permitted.size() == 2000);
  CHECK(read_name_constraints(subtrees(2001)).error().code == Code::kTooLarge);
}

TEST_CASE("a distribution point may be named relatively to the issuer") {
  const Bytes value = parse_hex(
                          "3009"
                          "3007"
                          "a005"
                          "a103"
                          "310130")
                          .value();
  const auto points = read_crl_distribution_points(value);
  if (points) CHECK(hex(points->at(0).relative_name.value()) == "310130");
  CHECK(points.has_value());
}

TEST_CASE("every bit of a key usage has a name that reads back") {
  for (unsigned i = 0; i < 9; ++i) {
    const auto bit = static_cast<KeyUsageBit>(i);
    CHECK(key_usage_bit(name(bit)) == bit);
  }
  CHECK(key_usage_bit("nonRepudiation") == KeyUsageBit::kContentCommitment);
  CHECK_FALSE(key_usage_bit("signing").has_value());
}

TEST_CASE("policies and TLS features of a certificate are described") {
  const auto key = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  asn1::Writer w;
  write_policy_constraints(w, {1, 0});
  write_inhibit_any_policy(w, 2);
  const std::uint16_t features[] = {kTlsStatusRequest, kTlsStatusRequestV2};
  write_tls_features(w, features);
  const Name subject = testing::name_of("CN=x");
  TbsFields fields;
  fields.serial = testing::kSerial;
  fields.issuer = subject.der();
  fields.subject = subject.der();
  fields.not_before = testing::kNotBefore;
  fields.not_after = testing::kNotAfter;
  fields.spki = key.public_key().spki();
  fields.encoded_extensions = w.view();
  const std::string text = to_text(testing::sign(fields, key).value());
  CHECK(text.contains("after 1 more"));
  CHECK(text.contains("after 0 more"));
  CHECK(text.contains("after 2 more"));
  CHECK(text.contains("must staple, 17"));
}

}  // namespace
}  // namespace chancery::x509
