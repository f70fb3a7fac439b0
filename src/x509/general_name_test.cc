#include "x509/general_name.h"

#include <doctest/doctest.h>

#include "x509/oids.h"

namespace chancery::x509 {
namespace {

Result<GeneralName> reread(const GeneralName& name, IpForm form = IpForm::kAddress) {
  asn1::Writer w;
  name.write(w);
  asn1::Reader in(w.view());
  auto read = read_general_name(in, form);
  CHECK(in.empty());
  return read;
}

TEST_CASE("every kind of general name reads back from DER and text") {
  for (const std::string_view text :
       {"DNS:a.example.com", "email:user@example.com", "URI:spiffe://example.org/ns/x",
        "IP:192.0.2.1", "IP:2001:db8::1", "RID:1.2.840.113549", "dirName:CN=x,O=y",
        "UPN:user@realm", "otherName:1.2.3;UTF8:täxt"}) {
    CAPTURE(text);
    const auto name = GeneralName::parse(text);
    REQUIRE(name.has_value());
    CHECK(name->to_string() == text);
    CHECK(reread(*name).value() == *name);
  }
  const GeneralName net = GeneralName::parse("IP:10.0.0.0/8").value();
  CHECK(net.octets().size() == 8);
  CHECK(net.to_string() == "IP:10.0.0.0/8");
  CHECK(reread(net, IpForm::kAddressAndMask).value() == net);
  CHECK(reread(net).error().detail == "IP address has a wrong size");
}

TEST_CASE("accessors give only what the kind has") {
  const GeneralName dns = GeneralName::dns("a.b").value();
  CHECK(dns.kind() == GeneralName::Kind::kDns);
  CHECK(dns.text() == "a.b");
  CHECK(dns.octets().empty());
  CHECK(dns.directory_name().empty());
  CHECK(dns.type_id() == asn1::Oid());
  const GeneralName upn = GeneralName::parse("UPN:u@r").value();
  CHECK(upn.type_id() == oids::kUserPrincipalName);
  CHECK(equal(upn.value_der(), parse_hex("0c0375407205").value()) == false);
  CHECK(hex(upn.value_der()) == "0c03754072");
  CHECK(GeneralName::registered_id(oids::kOcsp).type_id() == oids::kOcsp);
  CHECK(GeneralName::other(oids::kOcsp, Bytes{0x05, 0x00}).value().to_string() ==
        "otherName:1.3.6.1.5.5.7.48.1;#0500");
}

TEST_CASE("general names refuse what they cannot hold") {
  CHECK(GeneralName::dns("").error().detail == "name is empty");
  for (const char* const text : {"a b", "b\xc3\xbc.de", "a\nb"}) {
    CHECK(GeneralName::dns(text).error().detail.starts_with(
        "name has characters other than printable ASCII"));
  }
  CHECK(GeneralName::ip(Bytes(5)).error().code == Code::kInvalidArgument);
  CHECK(GeneralName::other(oids::kOcsp, Bytes{0x05}).error().code == Code::kMalformed);
  CHECK(GeneralName::other(oids::kOcsp, Bytes{5, 0, 5, 0}).error().code == Code::kMalformed);
  for (const char* const text : {"a.b", "DNZ:a", "IP:1.2.3", "IP:1.2.3.4/33", "RID:x", "dirName:x",
                                 "otherName:1.2;x", "otherName:1.2.3", "UPN:"}) {
    CAPTURE(text);
    CHECK_FALSE(GeneralName::parse(text).has_value());
  }
}

TEST_CASE("reading general names refuses wrong tags, characters and sizes") {
  struct Case {
    const char* der;
    const char* detail;
  };
  for (const Case& c : {Case{"8900", "general name has an unknown type"},
                        {"a203616263", "general name has an unknown type"},  // constructed dNSName
                        {"0c0161", "general name has an unknown type"},
                        {"8201e4", "general name is not ASCII"},
                        {"82026100", "general name has control characters"},
                        {"87020102", "IP address has a wrong size"},
                        {"880180", "OBJECT IDENTIFIER is malformed"},
                        {"a0050603550403", "a required DER element is missing"},
                        {"a4020500", "DER element has an unexpected type"}}) {
    CAPTURE(c.der);
    const Bytes der = parse_hex(c.der).value();
    asn1::Reader in(der);
    const auto name = read_general_name(in);
    REQUIRE_FALSE(name.has_value());
    CHECK(name.error().detail == c.detail);
  }
  CHECK(read_general_names(asn1::Reader({})).error().detail == "list of general names is empty");
  Bytes many;
  for (std::size_t i = 0; i <= kMaxGeneralNames; ++i) append(many, Bytes{0x82, 0x01, 'a'});
  CHECK(read_general_names(asn1::Reader(many)).error().code == Code::kTooLarge);
  CHECK(read_general_names(asn1::Reader(BytesView(many).first(many.size() - 3))).value().size() ==
        kMaxGeneralNames);
}

TEST_CASE("IP addresses are read strictly and written by RFC 5952") {
  struct Case {
    const char* text;
    const char* canonical;
  };
  for (const Case& c : {Case{"0.0.0.0", "0.0.0.0"},
                        {"255.255.255.255", "255.255.255.255"},
                        {"::", "::"},
                        {"::1", "::1"},
                        {"1::", "1::"},
                        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
                        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
                        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
                        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
                        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
                        {"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
                        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"}}) {
    CAPTURE(c.text);
    const auto octets = parse_ip(c.text);
    REQUIRE(octets.has_value());
    CHECK(ip_to_string(*octets) == c.canonical);
    CHECK(parse_ip(c.canonical).value() == *octets);
  }
  for (const char* const text : {"",
                                 "1",
                                 "1.2.3",
                                 "1.2.3.4.5",
                                 "256.1.1.1",
                                 "01.2.3.4",
                                 "1.2.3.4 ",
                                 "0x1.2.3.4",
                                 "1..2.3",
                                 "1.2.3.4.",
                                 ":",
                                 ":::",
                                 "1::2::3",
                                 "1:2:3:4:5:6:7",
                                 "1:2:3:4:5:6:7:8:9",
                                 "::12345",
                                 "::g",
                                 "fe80::1%eth0",
                                 "1.2.3.4::",
                                 "::1.2.3",
                                 "1:2:3:4:5:6:7:1.2.3.4",
                                 ":1",
                                 "1:",
                                 "1:2:3:4:5:6:7::8",
                                 "-1.2.3.4",
                                 "::+1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ip(text).has_value());
  }
  CHECK(ip_to_string(parse_hex("0a000000ff00ff00").value()) == "10.0.0.0/255.0.255.0");
  CHECK(ip_to_string(Bytes{1, 2, 3}) == "010203");
}

}  // namespace
}  // namespace chancery::x509
