#include "x509/crl.h"

#include <doctest/doctest.h>

#include "asn1/writer.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

namespace chancery::x509 {
namespace {

using crypto::KeyAlgorithm;
using crypto::PrivateKey;
using crypto::SignatureScheme;
using testing::kNotAfter;
using testing::kNotBefore;

const PrivateKey& key() {
  static const PrivateKey kKey = PrivateKey::generate({KeyAlgorithm::kEcdsaP256, 0}).value();
  return kKey;
}

struct Fixture {
  Name issuer = Name::parse("CN=Test CA").value();
  Bytes number{0x80, 0x01};
  Bytes key_id = Bytes(20, 5);
  CrlHeader header;

  Fixture() {
    header.issuer = issuer.der();
    header.this_update = kNotBefore;
    header.next_update = kNotAfter;
    header.number = number;
    header.authority_key_id = key_id;
  }
  [[nodiscard]] Bytes build(BytesView entries) const {
    Bytes tbs = encode_tbs_crl(header, entries);
    const Bytes signature = key().sign(header.scheme, tbs).value();
    return assemble_crl(std::move(tbs), header.scheme, signature);
  }
};

Bytes serial_of(std::uint32_t n) {
  return {0x01, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
          static_cast<std::uint8_t>(n)};
}

TEST_CASE("a CRL lists its entries and verifies") {
  Fixture f;
  Bytes entries = encode_crl_entry(serial_of(1), kNotBefore, ReasonCode::kUnspecified);
  append(entries, encode_crl_entry(serial_of(2), kNotBefore, ReasonCode::kKeyCompromise,
                                   from_unix(1'000'000'000)));
  append(entries, encode_crl_entry(serial_of(3), kNotAfter, ReasonCode::kSuperseded));
  const auto crl = CertificateList::parse(f.build(entries)).value();
  CHECK(crl.issuer() == f.issuer);
  CHECK(crl.this_update() == kNotBefore);
  CHECK(crl.next_update() == kNotAfter);
  CHECK(hex(crl.number().value()) == "008001");
  CHECK(equal(crl.authority_key_id().value(), f.key_id));
  CHECK_FALSE(crl.is_delta());
  CHECK(crl.entry_count() == 3);
  std::vector<CrlEntry> list;
  for (const CrlEntry& entry : crl.entries()) list.push_back(entry);
  REQUIRE(list.size() == 3);
  CHECK_FALSE(list[0].reason.has_value());
  CHECK(list[1].reason == ReasonCode::kKeyCompromise);
  CHECK(list[1].invalid_since == from_unix(1'000'000'000));
  CHECK(list[2].revoked_at == kNotAfter);
  CHECK(crl.find(serial_of(2)).value().reason == ReasonCode::kKeyCompromise);
  CHECK_FALSE(crl.find(serial_of(9)).has_value());
  CHECK(crl.verify_signature(key().public_key()).has_value());
  Bytes forged = to_bytes(crl.der());
  forged.back() ^= 1;
  CHECK_FALSE(
      CertificateList::parse(forged).value().verify_signature(key().public_key()).has_value());
}

TEST_CASE("an empty CRL has no list; entries may come in pieces") {
  Fixture f;
  const auto empty = CertificateList::parse(f.build({})).value();
  CHECK(empty.entry_count() == 0);
  CHECK(empty.entries().begin() == std::default_sentinel);
  const Bytes one = encode_crl_entry(serial_of(1), kNotBefore, ReasonCode::kUnspecified);
  const Bytes two = encode_crl_entry(serial_of(2), kNotBefore, ReasonCode::kUnspecified);
  Bytes joined = one;
  append(joined, two);
  const std::vector<BytesView> pieces{one, {}, two};
  CHECK(equal(encode_tbs_crl(f.header, pieces), encode_tbs_crl(f.header, joined)));
}

TEST_CASE("lengths of one to four octets are right") {
  Fixture f;
  for (const std::uint32_t count : {1U, 5U, 50U, 3'000U}) {
    Bytes entries;
    for (std::uint32_t i = 0; i < count; ++i) {
      append(entries, encode_crl_entry(serial_of(i), kNotBefore, ReasonCode::kUnspecified));
    }
    const auto crl = CertificateList::parse(f.build(entries)).value();
    CHECK(crl.entry_count() == count);
    CHECK(crl.verify_signature(key().public_key()).has_value());
  }
}

TEST_CASE("further extensions are written and known critical ones accepted") {
  Fixture f;
  const std::vector<std::string> urls{"http://crl/1"};
  IssuingDistributionPoint scope;
  scope.urls = urls;
  scope.only_contains_user_certs = true;
  const Bytes point = encode_issuing_distribution_point(scope);
  CHECK(hex(point) ==
        "3015"
        "a010a00e860c" +
            hex(as_bytes("http://crl/1")) + "8101ff");
  const Bytes base{0x02, 0x01, 0x05};
  const std::vector<Extension> more{{oids::kIssuingDistributionPoint, true, point},
                                    {oids::kDeltaCrlIndicator, true, base}};
  f.header.more = more;
  const auto crl = CertificateList::parse(f.build({})).value();
  CHECK(crl.is_delta());
  CHECK(crl.extensions().size() == 4);
  const std::vector<Extension> unknown{{asn1::Oid("1.2.3"), true, base}};
  f.header.more = unknown;
  const auto refused = CertificateList::parse(f.build({}));
  CHECK(refused.error().code == Code::kUnsupported);
  CHECK(refused.error().detail == "CRL has an unknown critical extension");
}

TEST_CASE("CRLs are refused with the reason") {
  Fixture f;
  const auto refusal = [&](BytesView entries) {
    const auto crl = CertificateList::parse(f.build(entries));
    REQUIRE_FALSE(crl.has_value());
    return crl.error().detail;
  };
  CHECK(refusal(parse_hex("3003020101").value()) == "a required DER element is missing");
  const std::string entry =
      "020101"
      "170d3236303130313030303030305a";
  CHECK(refusal(parse_hex("3014" + entry + "3000").value()) ==
        "list of CRL entry extensions is empty");
  const std::string reason = "300a0603551d1504030a0101";
  CHECK(refusal(parse_hex("302c" + entry + "3018" + reason + reason).value()) ==
        "CRL entry has two reasons");
  CHECK(refusal(parse_hex("3020" + entry +
                          "300c"
                          "300a0603551d1504030a0107")
                    .value()) == "revocation reason is unknown");
  CHECK(refusal(parse_hex("3020" + entry +
                          "300c"
                          "300a06022a030101ff040100")
                    .value()) == "CRL entry has an unknown critical extension");
  Bytes longer = f.build({});
  longer.push_back(0);
  CHECK(CertificateList::parse(longer).error().detail == "DER has an unexpected element");
}

TEST_CASE("a version 1 CRL has no extensions, in entries neither known nor unknown ones") {
  Fixture f;
  const auto version_1 = [&](BytesView entry_extensions) {
    asn1::Writer w;
    w.sequence([&] {
      w.sequence([&] {
        w.raw(crypto::algorithm_identifier(f.header.scheme));
        w.raw(f.header.issuer);
        w.time(kNotBefore);
        w.sequence([&] {
          w.sequence([&] {
            w.integer(1);
            w.time(kNotBefore);
            w.raw(entry_extensions);
          });
        });
      });
      w.raw(crypto::algorithm_identifier(f.header.scheme));
      w.bit_string(Bytes(8, 1));
    });
    return CertificateList::parse(w.view());
  };
  CHECK(version_1({}).has_value());
  for (const char* const extensions : {"300c300a0603551d1504030a0101", "30093007060355040a0400"}) {
    CAPTURE(extensions);
    const auto list = version_1(parse_hex(extensions).value());
    REQUIRE_FALSE(list.has_value());
    CHECK(list.error().detail == "extensions in a version 1 CRL");
  }
}

TEST_CASE("every truncation of a CRL is refused") {
  Fixture f;
  const Bytes der = f.build(encode_crl_entry(serial_of(1), kNotBefore, ReasonCode::kSuperseded));
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(CertificateList::parse(BytesView(der).first(size)).has_value());
  }
}

TEST_CASE("every flag of an issuing distribution point round-trips") {
  const std::vector<std::string> urls{"http://crl.example/1"};
  IssuingDistributionPoint point;
  point.urls = urls;
  point.only_contains_ca_certs = true;
  point.only_some_reasons = 0x0042;
  point.indirect_crl = true;
  const Bytes value = encode_issuing_distribution_point(point);
  const CrlScope scope = read_issuing_distribution_point(value).value();
  REQUIRE(scope.full_name.size() == 1);
  CHECK(scope.full_name[0].text() == urls[0]);
  CHECK_FALSE(scope.only_contains_user_certs);
  CHECK(scope.only_contains_ca_certs);
  CHECK(scope.only_some_reasons == 0x0042);
  CHECK(scope.indirect_crl);
  CHECK_FALSE(scope.only_contains_attribute_certs);
  for (const char* bad : {"3000", "3006810100820100", "30068101ff8201ff", "30038601ff"}) {
    CAPTURE(bad);
    CHECK(read_issuing_distribution_point(parse_hex(bad).value()).error().code == Code::kMalformed);
  }
}

}  // namespace
}  // namespace chancery::x509
