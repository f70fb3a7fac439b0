#include "x509/certificate.h"

#include <doctest/doctest.h>

#include <functional>

#include "asn1/writer.h"
#include "x509/certificate_builder.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"
#include "x509/unsigned_certificate.h"
#include "x509/verify.h"

namespace chancery::x509 {
namespace {

using crypto::KeyAlgorithm;
using crypto::KeyType;
using crypto::PrivateKey;
using testing::name_of;

const PrivateKey& key() {
  static const PrivateKey kKey = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  return kKey;
}

struct Fixture {
  Name issuer = name_of("CN=Issuer,O=Example,C=DE");
  Name subject = name_of("CN=www.example.com");
  Bytes key_id = Bytes(20, 9);
  std::vector<asn1::Oid> purposes{oids::kServerAuth};
  std::vector<GeneralName> names{GeneralName::parse("DNS:www.example.com").value()};
  std::vector<std::string> urls{"http://pki.example.com/x"};
  TbsFields fields;

  Fixture() {
    fields.serial = testing::kSerial;
    fields.issuer = issuer.der();
    fields.not_before = testing::kNotBefore;
    fields.not_after = testing::kNotAfter;
    fields.subject = subject.der();
    fields.spki = key().public_key().spki();
  }
  std::string refusal() const {
    const auto tbs = encode_tbs(fields);
    REQUIRE_FALSE(tbs.has_value());
    CHECK(tbs.error().code == Code::kInvalidArgument);
    return tbs.error().to_string();
  }
};

// A certificate whose parts a test can replace one at a time.
struct Parts {
  Bytes version{0xa0, 0x03, 0x02, 0x01, 0x02};
  Bytes serial{0x02, 0x01, 0x01};
  Bytes algorithm = to_bytes(crypto::algorithm_identifier(crypto::SignatureScheme::kEcdsaSha256));
  Bytes outer_algorithm = algorithm;
  Bytes name = to_bytes(name_of("CN=x").der());
  Bytes validity =
      parse_hex("301e170d3236303130313030303030305a170d3237303130313030303030305a").value();
  Bytes spki = to_bytes(key().public_key().spki());
  Bytes extensions;
  Bytes signature{0x03, 0x02, 0x00, 0x01};

  [[nodiscard]] Bytes der() const {
    asn1::Writer w;
    w.sequence([&] {
      w.sequence([&] {
        for (const Bytes* const part :
             {&version, &serial, &algorithm, &name, &validity, &name, &spki, &extensions}) {
          w.raw(*part);
        }
      });
      w.raw(outer_algorithm);
      w.raw(signature);
    });
    return std::move(w).take();
  }
};

std::string refusal(const std::function<void(Parts&)>& change) {
  Parts parts;
  change(parts);
  const auto certificate = Certificate::parse(parts.der());
  REQUIRE_FALSE(certificate.has_value());
  const Error& error = certificate.error();
  for (const Context& step : error.where) {
    if (step.key == "field") return step.value + ": " + error.detail;
  }
  return error.detail;
}

TEST_CASE("a full certificate comes back as it was described") {
  Fixture f;
  const NameConstraints constraints{{GeneralName::parse("DNS:example.com").value()}, {}};
  const std::vector<PolicyInformation> policies{{asn1::Oid("1.2.3.4"), {"http://cps/"}, {}}};
  f.fields.key_usage = KeyUsage{KeyUsageBit::kDigitalSignature};
  f.fields.extended_key_usage = f.purposes;
  f.fields.basic_constraints = BasicConstraints{true, 1};
  f.fields.subject_key_id = f.key_id;
  f.fields.authority_key_id = f.key_id;
  f.fields.ocsp_urls = f.urls;
  f.fields.ca_issuer_urls = f.urls;
  f.fields.subject_alt_names = f.names;
  f.fields.policies = policies;
  f.fields.name_constraints = &constraints;
  f.fields.crl_urls = f.urls;
  const Bytes no_check = {0x05, 0x00};
  const std::vector<Extension> extra{{oids::kOcspNoCheck, false, no_check}};
  f.fields.more = extra;
  asn1::Writer encoded;
  const std::uint16_t staple = kTlsStatusRequest;
  write_tls_features(encoded, std::span(&staple, 1));
  f.fields.encoded_extensions = encoded.view();

  const Certificate cert = testing::sign(f.fields, key()).value();
  CHECK(cert.version() == 3);
  CHECK(equal(cert.serial(), testing::kSerial));
  CHECK(cert.issuer() == f.issuer);
  CHECK(cert.subject() == f.subject);
  CHECK(cert.not_before() == testing::kNotBefore);
  CHECK(cert.not_after() == testing::kNotAfter);
  CHECK(equal(cert.spki(), key().public_key().spki()));
  CHECK(cert.signature_scheme().value() == crypto::SignatureScheme::kEcdsaSha256);
  const ExtensionSet& set = cert.extensions();
  CHECK(set.all.size() == 12);
  CHECK(set.key_usage == f.fields.key_usage);
  CHECK(set.extended_key_usage == f.purposes);
  CHECK(set.basic_constraints == f.fields.basic_constraints);
  CHECK(cert.is_ca());
  CHECK(equal(set.subject_key_id.value(), f.key_id));
  CHECK(equal(set.authority_key_id->key_id.value(), f.key_id));
  CHECK(set.authority_info_access->size() == 2);
  CHECK(std::ranges::equal(cert.subject_alt_names(), f.names));
  CHECK_FALSE(set.find(oids::kSubjectAltName)->critical);
  CHECK(set.certificate_policies == policies);
  CHECK(set.name_constraints == constraints);
  CHECK(set.crl_distribution_points->size() == 1);
  CHECK(set.find(oids::kTlsFeature) != nullptr);
  CHECK(set.find(oids::kPolicyMappings) == nullptr);
  CHECK_FALSE(cert.is_self_issued());
  CHECK(equal(assemble(cert.tbs(), cert.signature_scheme().value(), cert.signature()), cert.der()));
  CHECK(Certificate::from_pem(cert.to_pem()).value() == cert);
  CHECK(Certificate::all_from_pem(cert.to_pem() + cert.to_pem()).value().size() == 2);
  CHECK(equal(cert.fingerprint_sha256(), crypto::sha256(cert.der())));
}

TEST_CASE("an unsigned certificate becomes the one that a parser would read") {
  Fixture f;
  const Certificate parsed = testing::sign(f.fields, key()).value();
  auto planned = UnsignedCertificate::parse(to_bytes(parsed.tbs())).value();
  CHECK(equal(planned.tbs(), parsed.tbs()));
  CHECK(equal(planned.fields().serial, parsed.serial()));

  auto wrong = UnsignedCertificate::parse(to_bytes(parsed.tbs())).value();
  const auto other = crypto::SignatureScheme::kRsaPkcs1Sha256;
  CHECK(std::move(wrong).finish(other, parsed.signature()).error().code == Code::kInvalidArgument);

  const auto scheme = parsed.signature_scheme().value();
  const auto made = std::move(planned).finish(scheme, parsed.signature()).value();
  CHECK(made == parsed);
  CHECK(equal(made.tbs(), parsed.tbs()));
  CHECK(equal(made.signature(), parsed.signature()));
  CHECK(made.subject() == parsed.subject());
  CHECK_FALSE(UnsignedCertificate::parse(Bytes{0x30, 0x00}).has_value());
}

TEST_CASE("an empty subject makes the subjectAltName critical; no extension, no list") {
  Fixture f;
  const Bytes empty = to_bytes(Name().der());
  f.fields.subject = empty;
  f.fields.subject_alt_names = f.names;
  const Certificate cert = testing::sign(f.fields, key()).value();
  CHECK(cert.extensions().find(oids::kSubjectAltName)->critical);
  Fixture bare;
  CHECK(testing::sign(bare.fields, key()).value().extensions().all.empty());
}

TEST_CASE("every key type signs itself and its child") {
  for (const KeyType& type :
       {KeyType{KeyAlgorithm::kRsa, 2048}, KeyType{KeyAlgorithm::kEcdsaP256, 0},
        KeyType{KeyAlgorithm::kEcdsaP384, 0}, KeyType{KeyAlgorithm::kEd25519, 0},
        KeyType{KeyAlgorithm::kMlDsa44, 0}, KeyType{KeyAlgorithm::kMlDsa65, 0},
        KeyType{KeyAlgorithm::kMlDsa87, 0}}) {
    CAPTURE(crypto::to_string(type));
    const PrivateKey ca_key = PrivateKey::generate(type).value();
    const Certificate ca = testing::make_ca(ca_key);
    CHECK(ca.is_self_issued());
    CHECK(ca.public_key().value().type() == type);
    CHECK(verify_signed_by(ca, ca).has_value());
    Fixture f;
    f.fields.issuer = ca.subject().der();
    const Certificate leaf = testing::sign(f.fields, ca_key).value();
    CHECK(verify_signed_by(leaf, ca).has_value());
    const auto other = verify_signed_by(leaf, testing::make_ca(key()));
    CHECK(other.error().code != Code::kInternal);
    Bytes forged = to_bytes(leaf.der());
    forged.back() ^= 1;
    CHECK_FALSE(verify_signed_by(Certificate::parse(forged).value(), ca).has_value());
  }
}

TEST_CASE("verify_signed_by names what is wrong with the issuer") {
  const Certificate ca = testing::make_ca(key());
  Fixture f;
  const Certificate stranger = testing::sign(f.fields, key()).value();
  CHECK(verify_signed_by(stranger, ca).error().detail ==
        "issuer name differs from the issuer's subject");
  f.fields.issuer = f.subject.der();
  const Certificate leaf = testing::sign(f.fields, key()).value();
  CHECK(verify_signed_by(leaf, leaf).error().detail == "issuer is not a certification authority");
  f.fields.basic_constraints = BasicConstraints{true, {}};
  f.fields.key_usage = KeyUsage{KeyUsageBit::kCrlSign};
  const Certificate crl_only = testing::sign(f.fields, key()).value();
  CHECK(verify_signed_by(crl_only, crl_only).error().detail ==
        "issuer's key usage does not allow signing certificates");
}

TEST_CASE("encode_tbs refuses what would not be a certificate") {
  Fixture f;
  f.fields.serial = {};
  CHECK(f.refusal() == "serial number is not 1..20 octets (field=serialNumber)");
  const Bytes negative{0x80};
  f.fields.serial = negative;
  CHECK(f.refusal() == "serial number is negative (field=serialNumber)");
  const Bytes padded{0x00, 0x01};
  f.fields.serial = padded;
  CHECK(f.refusal() == "serial number is zero or not minimal (field=serialNumber)");
  const Bytes zero{0x00};
  f.fields.serial = zero;
  CHECK(f.refusal() == "serial number is zero or not minimal (field=serialNumber)");
  f.fields.serial = testing::kSerial;
  f.fields.not_after = f.fields.not_before - seconds(1);
  CHECK(f.refusal() == "notAfter is before notBefore (field=validity)");
  f.fields.not_after = f.fields.not_before;
  f.fields.spki = {};
  CHECK(f.refusal() == "public key is missing (field=subjectPublicKeyInfo)");
  f.fields.spki = key().public_key().spki();
  f.fields.issuer = {};
  CHECK(f.refusal() == "issuer name is missing (field=issuer)");
  f.fields.issuer = f.issuer.der();
  f.fields.key_usage = KeyUsage{KeyUsageBit::kCrlSign};
  const std::vector<Extension> again{{oids::kKeyUsage, true, f.key_id}};
  f.fields.more = again;
  CHECK(f.refusal() == "extension 2.5.29.15 appears twice (field=extensions)");
  const std::vector<Extension> twice{{oids::kTlsFeature, true, f.key_id},
                                     {oids::kTlsFeature, true, f.key_id}};
  f.fields.more = twice;
  CHECK(f.refusal() == "extension 1.3.6.1.5.5.7.1.24 appears twice (field=extensions)");
}

TEST_CASE("parse refuses each field with its reason") {
  CHECK(Certificate::parse(Parts().der()).has_value());
  CHECK(refusal([](Parts& p) { p.serial = {2, 1, 0}; }) == "serialNumber: serial number is zero");
  CHECK(refusal([](Parts& p) { p.serial = {2, 1, 0xff}; }) ==
        "serialNumber: serial number is negative");
  CHECK(refusal([](Parts& p) { p.serial = parse_hex("0215" + std::string(42, '1')).value(); }) ==
        "serialNumber: serial number is over 20 octets");
  CHECK(refusal([](Parts& p) { p.serial = {2, 2, 0, 1}; }) ==
        "serialNumber: INTEGER is not minimal");
  CHECK(refusal([](Parts& p) { p.version = {0xa0, 3, 2, 1, 0}; }) ==
        "version: version writes out its default, v1");
  CHECK(refusal([](Parts& p) { p.version = {0xa0, 3, 2, 1, 3}; }) ==
        "version: version is none of 1, 2 and 3");
  CHECK(refusal([](Parts& p) { p.outer_algorithm = {0x30, 0x00}; }) ==
        "signature algorithms inside and outside the signed part differ");
  CHECK(refusal([](Parts& p) { p.signature = {3, 2, 1, 2}; }) == "signature is not whole octets");
  CHECK(refusal([](Parts& p) { p.signature = {3, 2, 0, 2, 5, 0}; }) ==
        "DER has an unexpected element");
  CHECK(refusal([](Parts& p) { p.validity[2] = 0x18; }) ==
        "validity: GeneralizedTime is not of the form YYYYMMDDHHMMSSZ");
  CHECK(refusal([](Parts& p) { p.name = {0x30, 0x02, 0x31, 0x00}; }) ==
        "issuer: name has an empty RelativeDistinguishedName");
  CHECK(refusal([](Parts& p) { p.extensions = {0xa3, 0x02, 0x30, 0x00}; }) ==
        "extensions: list of extensions is empty");
  const Bytes usage = parse_hex("a30f300d300b0603551d0f040403020780").value();
  CHECK(refusal([&](Parts& p) {
          p.version = {};
          p.extensions = usage;
        }) == "extensions: extensions in a certificate that is not version 3");
  CHECK(refusal([](Parts& p) {
          p.version = {};
          p.extensions = {0x81, 0x02, 0x00, 0x01};
        }) == "uniqueID: unique identifier in a version 1 certificate");
  CHECK(refusal([](Parts& p) { p.extensions = {0x05, 0x00}; }) ==
        "tbsCertificate: DER has an unexpected element");
}

TEST_CASE("parse takes versions 1 and 2, unsupported keys, and nothing behind the certificate") {
  Parts parts;
  parts.version = {};
  CHECK(Certificate::parse(parts.der()).value().version() == 1);
  parts.version = {0xa0, 3, 2, 1, 1};
  parts.extensions = {0x81, 0x02, 0x00, 0x01};
  CHECK(Certificate::parse(parts.der()).value().version() == 2);
  parts.spki = {0x30, 0x00};
  CHECK_FALSE(Certificate::parse(parts.der()).value().public_key().has_value());
  Bytes longer = Parts().der();
  longer.push_back(0);
  CHECK(Certificate::parse(longer).error().detail == "DER has an unexpected element");
  CHECK(Certificate::parse(Bytes(kMaxCertificateSize + 1)).error().code == Code::kTooLarge);
  CHECK(Certificate::parse(Bytes()).error().code == Code::kMalformed);
}

TEST_CASE("every truncation of a certificate is refused") {
  const Certificate ca = testing::make_ca(key());
  for (std::size_t size = 0; size < ca.der().size(); ++size) {
    CHECK_FALSE(Certificate::parse(ca.der().first(size)).has_value());
  }
}

TEST_CASE("serial numbers as text") {
  CHECK(hex(parse_serial("7f:01").value()) == "7f01");
  CHECK(hex(parse_serial("FF01").value()) == "00ff01");
  CHECK(hex(parse_serial("00007f").value()) == "7f");
  CHECK(parse_serial("00").error().detail == "serial number is empty or zero");
  CHECK(parse_serial(std::string(40, 'f')).error().detail == "serial number is over 20 octets");
  CHECK_FALSE(parse_serial("xyz").has_value());
}

}  // namespace
}  // namespace chancery::x509
