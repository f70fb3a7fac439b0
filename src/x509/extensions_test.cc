#include "x509/extensions.h"

#include <doctest/doctest.h>

#include "x509/oids.h"

namespace chancery::x509 {
namespace {

// The value and criticality of the one extension that `write` appends.
struct Written {
  Bytes der;
  Extension extension;
};
template <class Write>
Written written(Write&& write) {
  asn1::Writer w;
  write(w);
  Written out{std::move(w).take(), {}};
  asn1::Reader in(out.der);
  out.extension = read_extension(in).value();
  CHECK(in.empty());
  return out;
}

Bytes bytes(const char* text) { return parse_hex(text).value(); }

TEST_CASE("key usage is a trimmed named bit list") {
  for (unsigned bits = 1; bits < 512; ++bits) {
    const KeyUsage usage = KeyUsage::from_bits(static_cast<std::uint16_t>(bits));
    const Written w = written([&](asn1::Writer& out) { write_key_usage(out, usage); });
    CHECK(w.extension.critical);
    CHECK(read_key_usage(w.extension.value).value() == usage);
  }
  const auto value = [](KeyUsage usage) {
    return hex(written([&](asn1::Writer& out) { write_key_usage(out, usage); }).extension.value);
  };
  CHECK(value({KeyUsageBit::kDigitalSignature}) == "03020780");
  CHECK(value({KeyUsageBit::kDigitalSignature, KeyUsageBit::kKeyEncipherment}) == "030205a0");
  CHECK(value({KeyUsageBit::kKeyCertSign, KeyUsageBit::kCrlSign}) == "03020106");
  CHECK(value({KeyUsageBit::kDecipherOnly}) == "0303070080");
  CHECK(read_key_usage(bytes("030200a0")).value() ==
        KeyUsage{KeyUsageBit::kDigitalSignature, KeyUsageBit::kKeyEncipherment});  // untrimmed
  CHECK(read_key_usage(bytes("0304000000ff")).error().detail == "named bit list is too long");
  CHECK(read_key_usage(bytes("030300ffff")).error().detail == "named bit list has unknown bits");
  CHECK(key_usage_bit("NonRepudiation") == KeyUsageBit::kContentCommitment);
  CHECK(key_usage_bit("CRLSign") == KeyUsageBit::kCrlSign);
  CHECK_FALSE(key_usage_bit("sign").has_value());
  CHECK(to_string(KeyUsage{KeyUsageBit::kKeyCertSign, KeyUsageBit::kCrlSign}) ==
        "keyCertSign, cRLSign");
}

TEST_CASE("basic constraints") {
  for (const BasicConstraints& c : {BasicConstraints{false, {}}, BasicConstraints{true, {}},
                                    BasicConstraints{true, 0}, BasicConstraints{true, 300}}) {
    const Written w = written([&](asn1::Writer& out) { write_basic_constraints(out, c); });
    CHECK(read_basic_constraints(w.extension.value).value() == c);
  }
  CHECK(read_basic_constraints(bytes("3003010100")).error().detail ==
        "basic constraints write out their default, cA FALSE");
  CHECK(read_basic_constraints(bytes("30060101ff0201ff")).error().detail ==
        "path length is out of range");
  CHECK(read_basic_constraints(bytes("30000500")).error().detail ==
        "DER has an unexpected element");
}

TEST_CASE("lists of names, purposes, pointers and policies round-trip") {
  const std::vector<asn1::Oid> purposes{oids::kServerAuth, oids::kClientAuth};
  CHECK(read_extended_key_usage(written([&](asn1::Writer& out) {
                                  write_extended_key_usage(out, purposes);
                                }).extension.value)
            .value() == purposes);
  const std::vector<GeneralName> names{GeneralName::parse("DNS:a.b").value(),
                                       GeneralName::parse("IP:::1").value()};
  const Written san = written(
      [&](asn1::Writer& out) { write_subject_alt_name(out, names, Criticality::kCritical); });
  CHECK(san.extension.critical);
  CHECK(read_subject_alt_name(san.extension.value).value() == names);

  const std::vector<std::string> urls{"http://a/", "http://b/"};
  const Written access =
      written([&](asn1::Writer& out) { write_authority_info_access(out, urls, urls); });
  const auto descriptions = read_authority_info_access(access.extension.value).value();
  REQUIRE(descriptions.size() == 4);
  CHECK(descriptions[0].method == oids::kOcsp);
  CHECK(descriptions[3].method == oids::kCaIssuers);
  CHECK(descriptions[3].location.text() == "http://b/");

  const Written points =
      written([&](asn1::Writer& out) { write_crl_distribution_points(out, urls); });
  const auto read_points = read_crl_distribution_points(points.extension.value).value();
  REQUIRE(read_points.size() == 2);
  CHECK(read_points[1].full_name.at(0).text() == "http://b/");

  const std::vector<PolicyInformation> policies{
      {oids::kAnyPolicy, {}, {}}, {asn1::Oid("1.2.3"), {"http://cps/"}, {"notice", ""}}};
  const Written policy =
      written([&](asn1::Writer& out) { write_certificate_policies(out, policies); });
  CHECK(read_certificate_policies(policy.extension.value).value() == policies);
}

TEST_CASE("name constraints round-trip and refuse distances") {
  const NameConstraints constraints{
      {GeneralName::parse("DNS:example.com").value(), GeneralName::parse("IP:10.0.0.0/8").value()},
      {GeneralName::parse("email:example.org").value()}};
  const Written w = written([&](asn1::Writer& out) { write_name_constraints(out, constraints); });
  CHECK(w.extension.critical);
  CHECK(read_name_constraints(w.extension.value).value() == constraints);
  CHECK(read_name_constraints(bytes("3000")).error().detail == "name constraints are empty");
  CHECK(read_name_constraints(bytes("3002a000")).error().detail ==
        "list of name constraints is empty");
  CHECK(read_name_constraints(bytes("300aa00830068201618001"
                                    "01"))
            .error()
            .detail == "name constraint has a minimum or maximum");
}

TEST_CASE("key identifiers, CRL number, reason and invalidity date") {
  const Bytes id(20, 7);
  CHECK(equal(read_subject_key_id(written([&](asn1::Writer& out) {
                                    write_subject_key_id(out, id);
                                  }).extension.value)
                  .value(),
              id));
  const Written aki = written([&](asn1::Writer& out) { write_authority_key_id(out, id); });
  CHECK(equal(read_authority_key_id(aki.extension.value).value().key_id.value(), id));
  const Written number = written([&](asn1::Writer& out) { write_crl_number(out, Bytes{0x80}); });
  CHECK(hex(read_crl_number(number.extension.value).value()) == "0080");
  CHECK(read_crl_number(bytes("0201ff")).error().detail ==
        "CRL number is negative or over 20 octets");
  const Written reason =
      written([](asn1::Writer& out) { write_reason_code(out, ReasonCode::kSuperseded); });
  CHECK(read_reason_code(reason.extension.value).value() == ReasonCode::kSuperseded);
  CHECK(read_reason_code(bytes("0a0107")).error().detail == "revocation reason is unknown");
  const Written date =
      written([](asn1::Writer& out) { write_invalidity_date(out, from_unix(1'000'000'000)); });
  CHECK(read_invalidity_date(date.extension.value).value() == from_unix(1'000'000'000));
  CHECK(reason_code("key_compromise") == ReasonCode::kKeyCompromise);
  CHECK(reason_code("cACompromise") == ReasonCode::kCaCompromise);
  CHECK_FALSE(reason_code("").has_value());
  CHECK_FALSE(reason_code_from_int(7).has_value());
}

TEST_CASE("the list of extensions refuses duplicates, defaults written out and excess") {
  const auto read = [](BytesView der) {
    asn1::Reader in(der);
    return read_extensions(in);
  };
  CHECK(read(bytes("3000")).error().detail == "list of extensions is empty");
  CHECK(read(bytes("300f300d0603551d0f0101000403020780")).error().detail ==
        "extension writes out its default, critical FALSE");
  asn1::Writer twice;
  twice.sequence([&] {
    write_key_usage(twice, {KeyUsageBit::kCrlSign});
    write_key_usage(twice, {KeyUsageBit::kCrlSign});
  });
  CHECK(read(twice.view()).error().to_string() == "extension appears twice (extension=2.5.29.15)");
  asn1::Writer many;
  many.sequence([&] {
    for (std::uint8_t i = 0; i < 65; ++i) {
      const Bytes arc{0x2a, i};
      write_extension(many, {asn1::Oid::from_der(arc).value(), false, {}});
    }
  });
  CHECK(read(many.view()).error().code == Code::kTooLarge);
  asn1::Writer broken;
  broken.sequence(
      [&] { write_extension(broken, {oids::kSubjectAltName, true, Bytes{0x30, 0x00}}); });
  CHECK(read(broken.view()).error().to_string() ==
        "list of general names is empty (offset=2, extension=2.5.29.17)");
}

TEST_CASE("distribution points with reasons and issuer, policies with unknown qualifiers") {
  // { [0] { [0] { URI "a" } }, [1] reasons keyCompromise, [2] { dNSName "b" } }
  const auto points =
      read_crl_distribution_points(bytes("3012"
                                         "3010"
                                         "a005a003860161"
                                         "81020640"
                                         "a203820162"));
  REQUIRE(points.has_value());
  CHECK(points->at(0).reasons == 2);
  CHECK(points->at(0).crl_issuer.at(0).text() == "b");
  // anyPolicy with a qualifier of type 1.2.3 and NULL
  CHECK(read_certificate_policies(bytes("3012"
                                        "3010"
                                        "0604551d2000"
                                        "3008"
                                        "3006"
                                        "06022a03"
                                        "0500"))
            .has_value());
  CHECK(read_certificate_policies(bytes("300a"
                                        "3008"
                                        "0604551d2000"
                                        "3000"))
            .error()
            .detail == "list of policy qualifiers is empty");
}

Bytes value_of(void (*write)(asn1::Writer&)) {
  asn1::Writer w;
  write(w);
  asn1::Reader in(w.view());
  return to_bytes(read_extension(in).value().value);
}

TEST_CASE("policy mappings, constraints and inhibitAnyPolicy round-trip") {
  const Bytes mappings = value_of([](asn1::Writer& w) {
    const PolicyMapping mapping{asn1::Oid("1.2.3"), asn1::Oid("1.2.4")};
    write_policy_mappings(w, std::span(&mapping, 1));
  });
  CHECK(hex(mappings) == "300a300806022a0306022a04");
  CHECK(read_policy_mappings(mappings).value().at(0).subject == asn1::Oid("1.2.4"));
  CHECK_FALSE(read_policy_mappings(parse_hex("3000").value()).has_value());

  const Bytes constraints =
      value_of([](asn1::Writer& w) { write_policy_constraints(w, {0, 200}); });
  CHECK(hex(constraints) == "3007800100810200c8");
  CHECK(read_policy_constraints(constraints).value() == PolicyConstraints{0, 200});
  CHECK_FALSE(read_policy_constraints(parse_hex("3000").value()).has_value());
  CHECK_FALSE(read_policy_constraints(parse_hex("30038001ff").value()).has_value());

  const Bytes inhibit = value_of([](asn1::Writer& w) { write_inhibit_any_policy(w, 3); });
  CHECK(read_inhibit_any_policy(inhibit).value() == 3);
  CHECK_FALSE(read_inhibit_any_policy(parse_hex("0201ff").value()).has_value());
}

TEST_CASE("must-staple and noRevAvail round-trip") {
  const Bytes features = value_of([](asn1::Writer& w) {
    const std::uint16_t all[] = {kTlsStatusRequest, kTlsStatusRequestV2};
    write_tls_features(w, all);
  });
  CHECK(hex(features) == "3006020105020111");  // RFC 7633 section 4.1
  CHECK(read_tls_features(features).value() ==
        std::vector<std::uint16_t>{kTlsStatusRequest, kTlsStatusRequestV2});
  CHECK_FALSE(read_tls_features(parse_hex("30050203010000").value()).has_value());
  const Bytes none = value_of(write_no_revocation_available);
  CHECK(hex(none) == "0500");

  asn1::Writer w;
  w.sequence([&] {
    const std::uint16_t staple = kTlsStatusRequest;
    write_tls_features(w, std::span(&staple, 1));
    write_no_revocation_available(w);
  });
  asn1::Reader in(w.view());
  const ExtensionSet set = read_extensions(in).value();
  CHECK(set.must_staple());
  CHECK(set.no_revocation_available);
}

}  // namespace
}  // namespace chancery::x509
