#include "x509/csr.h"

#include <doctest/doctest.h>

#include "asn1/writer.h"
#include "x509/certificate_builder.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

namespace chancery::x509 {
namespace {

using crypto::KeyAlgorithm;
using crypto::PrivateKey;

const PrivateKey& key() {
  static const PrivateKey kKey = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  return kKey;
}

Bytes sign(BytesView info, const PrivateKey& with = key()) {
  const auto scheme = crypto::default_scheme(with.type());
  return assemble(info, scheme, with.sign(scheme, info).value());
}

// A request with these attributes ([0] and its content; anything).
Bytes with_attributes(const Bytes& attributes, std::int64_t version = 0) {
  asn1::Writer w;
  w.sequence([&] {
    w.integer(version);
    w.raw(Name::parse("CN=x").value().der());
    w.raw(key().public_key().spki());
    w.raw(attributes);
  });
  return sign(w.view());
}

std::string refusal(const char* attributes) {
  const auto request = CertificationRequest::parse(with_attributes(parse_hex(attributes).value()));
  REQUIRE_FALSE(request.has_value());
  return request.error().detail;
}

TEST_CASE("a request says what was asked for, and proves possession") {
  for (const KeyAlgorithm algorithm :
       {KeyAlgorithm::kEcdsaP384, KeyAlgorithm::kEd25519, KeyAlgorithm::kMlDsa65}) {
    const PrivateKey subject_key = PrivateKey::generate({algorithm, 0}).value();
    const Name subject = Name::parse("CN=www.example.com,O=Example").value();
    const std::vector<GeneralName> names{GeneralName::parse("DNS:www.example.com").value()};
    const std::vector<asn1::Oid> purposes{oids::kServerAuth};
    RequestFields fields;
    fields.subject = subject.der();
    fields.spki = subject_key.public_key().spki();
    fields.key_usage = KeyUsage{KeyUsageBit::kDigitalSignature};
    fields.extended_key_usage = purposes;
    fields.basic_constraints = BasicConstraints{};
    fields.subject_alt_names = names;
    fields.challenge_password = "secret";
    const Bytes der = sign(encode_request_info(fields).value(), subject_key);

    const auto request = CertificationRequest::parse(der).value();
    CHECK(request.verify_signature().has_value());
    CHECK(request.subject() == subject);
    CHECK(request.public_key().type() == subject_key.type());
    CHECK(std::ranges::equal(request.subject_alt_names(), names));
    CHECK(request.extensions().key_usage == fields.key_usage);
    CHECK(request.extensions().extended_key_usage == purposes);
    CHECK(request.extensions().basic_constraints == fields.basic_constraints);
    CHECK(hex(request.challenge_password().value()) == "1306736563726574");
    CHECK(equal(request.der(), der));
    CHECK(equal(CertificationRequest::from_pem(request.to_pem()).value().der(), der));

    Bytes forged = der;
    forged[forged.size() - 1] ^= 1;
    CHECK_FALSE(CertificationRequest::parse(forged).value().verify_signature().has_value());
  }
}

TEST_CASE("a bare request has no extensions; missing attributes are tolerated") {
  RequestFields fields;
  const Name subject;
  fields.subject = subject.der();
  fields.spki = key().public_key().spki();
  const auto request =
      CertificationRequest::parse(sign(encode_request_info(fields).value())).value();
  CHECK(request.extensions().all.empty());
  CHECK(request.subject_alt_names().empty());
  CHECK_FALSE(request.challenge_password().has_value());
  CHECK(CertificationRequest::parse(with_attributes({})).has_value());
  CHECK(encode_request_info({}).error().detail == "subject name is missing");
}

TEST_CASE("requests are refused with the reason") {
  CHECK(CertificationRequest::parse(with_attributes({}, 1)).error().detail ==
        "version of the certification request is not 1");
  CHECK(refusal("0500") == "DER element has an unexpected type");
  CHECK(refusal("a0023000") == "a required DER element is missing");
  // challengePassword as INTEGER; with two values; extensionRequest without a value
  CHECK(refusal("a012"
                "3010"
                "06092a864886f70d010907"
                "3103"
                "020101") == "challenge password is not a text");
  CHECK(refusal("a015"
                "3013"
                "06092a864886f70d010907"
                "3106"
                "0c01610c0161") == "DER has an unexpected element");
  CHECK(refusal("a00f"
                "300d"
                "06092a864886f70d01090e"
                "3100") == "a required DER element is missing");
  CHECK(refusal("a01e"
                "300d"
                "06092a864886f70d010909"
                "3100"
                "300d"
                "06092a864886f70d010909"
                "3100") == "request attribute appears twice");
  std::string many;
  for (int i = 0; i < 33; ++i)
    many +=
        "3006"
        "06022a" +
        hex(Bytes{static_cast<std::uint8_t>(i)}) + "3100";
  CHECK(refusal(("a0820108" + many).c_str()) == "more than 32 attributes");
  Bytes longer = with_attributes({});
  longer.push_back(0);
  CHECK(CertificationRequest::parse(longer).error().detail == "DER has an unexpected element");
  CHECK(CertificationRequest::from_pem(testing::make_ca(key()).to_pem()).error().detail ==
        "PEM is not exactly one CERTIFICATE REQUEST");
}

TEST_CASE("Microsoft's extension attribute counts as an extension request, but not besides one") {
  const std::string usage = "300d300b0603551d0f040403020780";
  const std::string microsoft =
      "301d"
      "060a2b060104018237020"
      "10e"
      "310f" +
      usage;
  const std::string standard =
      "301c"
      "06092a864886f70d01090e"
      "310f" +
      usage;
  const auto request =
      CertificationRequest::parse(with_attributes(parse_hex("a01f" + microsoft).value()));
  REQUIRE(request.has_value());
  CHECK(request->extensions().key_usage == KeyUsage{KeyUsageBit::kDigitalSignature});
  CHECK(refusal(("a03d" + standard + microsoft).c_str()) == "request asks for extensions twice");
}

TEST_CASE("every truncation of a request is refused") {
  const Bytes der = with_attributes({});
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(CertificationRequest::parse(BytesView(der).first(size)).has_value());
  }
}

}  // namespace
}  // namespace chancery::x509
