#include "x509/ocsp.h"

#include <doctest/doctest.h>

#include "asn1/writer.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

namespace chancery::x509 {
namespace {

using crypto::DigestAlgorithm;
using crypto::KeyAlgorithm;
using crypto::PrivateKey;
using testing::kNotAfter;
using testing::kNotBefore;

const PrivateKey& key() {
  static const PrivateKey kKey = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  return kKey;
}

Name issuer() { return Name::parse("CN=Test CA").value(); }

Bytes cert_id(DigestAlgorithm hash, std::uint8_t serial) {
  return encode_cert_id(hash, issuer(), key().public_key(), Bytes{serial});
}

TEST_CASE("a request names certificates by SHA-1 or SHA-256 and carries a nonce") {
  const Bytes nonce(32, 7);
  const std::vector<Bytes> ids{cert_id(DigestAlgorithm::kSha1, 1),
                               cert_id(DigestAlgorithm::kSha256, 2)};
  const Bytes der = encode_ocsp_request(ids, nonce);
  const auto request = OcspRequest::parse(der).value();
  REQUIRE(request.cert_ids.size() == 2);
  CHECK(equal(request.cert_ids[0].der, ids[0]));
  CHECK(hex(request.cert_ids[1].serial) == "02");
  CHECK(equal(request.nonce.value(), nonce));
  const IssuerHashes hashes = issuer_hashes(issuer(), key().public_key());
  CHECK(hashes.matches(request.cert_ids[0]));
  CHECK(hashes.matches(request.cert_ids[1]));
  CHECK_FALSE(issuer_hashes(Name(), key().public_key()).matches(request.cert_ids[0]));
  CHECK_FALSE(OcspRequest::parse(encode_ocsp_request(ids, {})).value().nonce.has_value());
}

TEST_CASE("a CertID of another hash is kept and matches nobody") {
  asn1::Writer id;
  id.sequence([&] {
    id.sequence([&] { id.oid(asn1::Oid("2.16.840.1.101.3.4.2.2").der()); });
    id.octet_string(Bytes(48));
    id.octet_string(Bytes(48));
    id.integer(1);
  });
  const std::vector<Bytes> ids{to_bytes(id.view())};
  const Bytes der = encode_ocsp_request(ids, {});
  const auto request = OcspRequest::parse(der).value();
  CHECK_FALSE(request.cert_ids.at(0).hash.has_value());
  CHECK_FALSE(issuer_hashes(issuer(), key().public_key()).matches(request.cert_ids[0]));
}

TEST_CASE("requests are refused with the reason") {
  const auto refusal = [](const Bytes& der) {
    const auto request = OcspRequest::parse(der);
    REQUIRE_FALSE(request.has_value());
    return request.error().detail;
  };
  CHECK(refusal(encode_ocsp_request({}, {})) == "OCSP request names no certificate");
  const std::vector<Bytes> nine(9, cert_id(DigestAlgorithm::kSha1, 1));
  CHECK(refusal(encode_ocsp_request(nine, {})) == "OCSP request names more than 8 certificates");
  CHECK(OcspRequest::parse(encode_ocsp_request(nine, {}), 9).has_value());
  const std::vector<Bytes> one(1, cert_id(DigestAlgorithm::kSha1, 1));
  CHECK(refusal(encode_ocsp_request(one, Bytes(129))) == "OCSP nonce is not 1..128 octets");
  CHECK(OcspRequest::parse(encode_ocsp_request(one, Bytes(128))).has_value());
  CHECK(refusal(Bytes(kMaxOcspRequestSize + 1)) == "OCSP request is over 64 KiB");
  Bytes longer = encode_ocsp_request(one, {});
  longer.push_back(0);
  CHECK(refusal(longer) == "DER has an unexpected element");
}

TEST_CASE("a signed request is taken, its signature passed over") {
  const std::vector<Bytes> ids{cert_id(DigestAlgorithm::kSha1, 1)};
  const Bytes plain = encode_ocsp_request(ids, {});
  asn1::Reader in(plain);
  asn1::Writer w;
  w.sequence([&] {
    w.raw(in.enter_sequence().value().rest());
    w.nest(asn1::context_constructed(0), [&] { w.null(); });
  });
  CHECK(OcspRequest::parse(w.view()).has_value());
}

TEST_CASE("a response says good, revoked and unknown, echoes the nonce and verifies") {
  const std::vector<Bytes> ids{
      cert_id(DigestAlgorithm::kSha1, 1), cert_id(DigestAlgorithm::kSha1, 2),
      cert_id(DigestAlgorithm::kSha256, 3), cert_id(DigestAlgorithm::kSha256, 4)};
  const std::vector<SingleResponse> responses{
      {ids[0], CertStatus::kGood, {}, {}, kNotBefore, kNotAfter},
      {ids[1], CertStatus::kRevoked, kNotBefore, ReasonCode::kKeyCompromise, kNotBefore, kNotAfter},
      {ids[2], CertStatus::kUnknown, {}, {}, kNotBefore, {}},
      {ids[3], CertStatus::kRevoked, kNotBefore, ReasonCode::kUnspecified, kNotBefore, kNotAfter}};
  const Bytes nonce(16, 3);
  const crypto::Sha1 key_hash = crypto::sha1(key().public_key().key_bits());
  const Bytes data = encode_response_data({key_hash, kNotBefore, responses, nonce, true});
  const auto scheme = crypto::default_scheme(key().type());
  const Certificate ca = testing::make_ca(key());
  const std::vector<BytesView> certificates{ca.der()};
  const Bytes der =
      assemble_ocsp_response(data, scheme, key().sign(scheme, data).value(), certificates);

  const auto response = OcspResponse::parse(der).value();
  CHECK(response.status == OcspStatus::kSuccessful);
  CHECK(equal(response.response_data, data));
  CHECK(equal(response.responder_key_sha1.value(), key_hash));
  CHECK(response.produced_at == kNotBefore);
  REQUIRE(response.entries.size() == 4);
  CHECK(response.entries[0].status == CertStatus::kGood);
  CHECK(response.entries[1].status == CertStatus::kRevoked);
  CHECK(response.entries[1].reason == ReasonCode::kKeyCompromise);
  CHECK(response.entries[1].revoked_at == kNotBefore);
  CHECK(response.entries[2].status == CertStatus::kUnknown);
  CHECK_FALSE(response.entries[2].next_update.has_value());
  CHECK_FALSE(response.entries[3].reason.has_value());
  CHECK(equal(response.nonce.value(), nonce));
  CHECK(response.certificates.size() == 1);
  CHECK(Certificate::parse(response.certificates[0]).value() == ca);
  CHECK(response.verify_signature(key().public_key()).has_value());
  const PrivateKey other = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  CHECK(response.verify_signature(other.public_key()).error().code == Code::kRefused);
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(
        OcspResponse::parse(Bytes(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size)))
            .has_value());
  }
  const Bytes bare = assemble_ocsp_response(data, scheme, key().sign(scheme, data).value());
  CHECK(OcspResponse::parse(bare).value().certificates.empty());
}

// A response with one extension that nobody knows, of the answer or of the whole.
Bytes with_unknown_extension(bool of_the_answer, bool critical) {
  const auto extensions = [&](asn1::Writer& w) {
    w.nest(asn1::context_constructed(1), [&] {
      w.sequence([&] {
        w.sequence([&] {
          w.oid(asn1::Oid::parse("1.3.6.1.4.1.99999.1").value().der());
          if (critical) w.boolean(true);
          w.octet_string(Bytes{0x05, 0x00});
        });
      });
    });
  };
  asn1::Writer w;
  w.sequence([&] {
    w.nest(asn1::context_constructed(2), [&] { w.octet_string(Bytes(20, 1)); });
    w.generalized_time(kNotBefore);
    w.sequence([&] {
      w.sequence([&] {
        w.raw(cert_id(DigestAlgorithm::kSha256, 1));
        w.element(asn1::context(0), BytesView{});
        w.generalized_time(kNotBefore);
        if (of_the_answer) extensions(w);
      });
    });
    if (!of_the_answer) extensions(w);
  });
  const Bytes data = std::move(w).take();
  const auto scheme = crypto::default_scheme(key().type());
  return assemble_ocsp_response(data, scheme, key().sign(scheme, data).value());
}

TEST_CASE("a response with an unknown critical extension is refused") {
  for (const bool of_the_answer : {true, false}) {
    CHECK(OcspResponse::parse(with_unknown_extension(of_the_answer, false)).has_value());
    const auto refused = OcspResponse::parse(with_unknown_extension(of_the_answer, true));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::kUnsupported);
    CHECK(refused.error().detail.find("1.3.6.1.4.1.99999.1") != std::string::npos);
  }
}

TEST_CASE("error statuses are five static octets that parse") {
  for (const OcspStatus status :
       {OcspStatus::kMalformedRequest, OcspStatus::kInternalError, OcspStatus::kTryLater,
        OcspStatus::kSigRequired, OcspStatus::kUnauthorized}) {
    const auto response = OcspResponse::parse(to_bytes(ocsp_error(status)));
    REQUIRE(response.has_value());
    CHECK(response->status == status);
    CHECK(response->entries.empty());
  }
  CHECK(hex(ocsp_error(OcspStatus::kUnauthorized)) == "30030a0106");
  CHECK(OcspResponse::parse(parse_hex("30030a0104").value()).error().detail ==
        "OCSP response has an unknown status");
  CHECK(OcspResponse::parse(parse_hex("30030a0100").value()).error().detail ==
        "a required DER element is missing");
}

}  // namespace
}  // namespace chancery::x509
