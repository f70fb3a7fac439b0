#include "x509/name.h"

#include <doctest/doctest.h>

#include "asn1/writer.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

Name one(const asn1::Oid& type, std::uint8_t tag, std::string_view value) {
  asn1::Writer w;
  w.sequence([&] {
    w.nest(asn1::kSet, [&] {
      w.sequence([&] {
        w.oid(type.der());
        w.element(tag, value);
      });
    });
  });
  return Name::from_der(w.view()).value();
}

std::string refusal(const asn1::Oid& type, std::string_view value) {
  NameBuilder builder;
  const auto added = builder.add(type, value);
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().code == Code::kInvalidArgument);
  return added.error().to_string();
}

TEST_CASE("NameBuilder chooses the string types and round-trips") {
  NameBuilder builder;
  REQUIRE(builder.add(oids::kCountry, "DE"));
  REQUIRE(builder.add(oids::kOrganization, "Bäckerei, GmbH"));
  REQUIRE(builder.add(oids::kCommonName, "www"));
  REQUIRE(builder.add_to_rdn(oids::kEmailAddress, "a@example.com"));
  REQUIRE(builder.add(oids::kDomainComponent, "example"));
  const Name name = builder.build();
  CHECK(Name::from_der(name.der()).value() == name);
  const auto attributes = name.attributes();
  REQUIRE(attributes.size() == 5);
  CHECK(attributes[0].tag == asn1::kPrintableString);
  CHECK(attributes[1].tag == asn1::kUtf8String);
  CHECK(attributes[2].rdn == attributes[3].rdn);
  CHECK(attributes[4].tag == asn1::kIa5String);
  CHECK(name.to_string() == "DC=example,CN=www+emailAddress=a@example.com,O=Bäckerei\\, GmbH,C=DE");
  CHECK(name.first(oids::kOrganization) == "Bäckerei, GmbH");
  CHECK_FALSE(name.first(oids::kLocality).has_value());
  CHECK(name.all(oids::kCommonName) == std::vector<std::string>{"www"});
}

TEST_CASE("NameBuilder sorts a multi-valued RDN as DER wants") {
  NameBuilder builder;
  REQUIRE(builder.add(oids::kOrganizationalUnit, "b"));
  REQUIRE(builder.add_to_rdn(oids::kCommonName, "a"));
  CHECK(builder.build().attributes().at(0).type == oids::kCommonName);
  const auto twice = builder.add_to_rdn(oids::kCommonName, "a");
  CHECK(twice.error().detail == "name attribute appears twice in one RDN");
}

TEST_CASE("NameBuilder refuses values by name of the attribute") {
  CHECK(refusal(oids::kCommonName, "") == "name attribute is empty (attribute=CN)");
  CHECK(refusal(oids::kCommonName, std::string(65, 'x')) ==
        "name attribute is longer than 64 characters (attribute=CN)");
  CHECK(refusal(oids::kCommonName, "\xff") == "name attribute is not UTF-8 (attribute=CN)");
  CHECK(refusal(oids::kCommonName, std::string_view("a\0b", 3)) ==
        "name attribute has control characters (attribute=CN)");
  CHECK(refusal(oids::kCountry, "Germany") == "country is not a code of two letters (attribute=C)");
  CHECK(refusal(oids::kSerialNumber, "a_b")
            .starts_with("name attribute has characters outside PrintableString"));
  CHECK(refusal(oids::kDomainComponent, "ä") == "name attribute is not ASCII (attribute=DC)");
  CHECK(refusal(asn1::Oid("1.2.3"), "") == "name attribute is empty (attribute=1.2.3)");
  std::string wide;
  for (int i = 0; i < 64; ++i) wide += "ä";
  CHECK(NameBuilder().add(oids::kCommonName, wide));  // 64 characters, 128 octets
}

TEST_CASE("Name bounds its attributes") {
  NameBuilder builder;
  for (std::size_t i = 0; i < kMaxNameAttributes; ++i) {
    REQUIRE(builder.add(oids::kOrganizationalUnit, std::to_string(i)));
  }
  CHECK(Name::from_der(builder.build().der()));
  CHECK(builder.add(oids::kCommonName, "x").error().detail == "name has more than 64 attributes");
}

TEST_CASE("Name refuses malformed DER") {
  struct Case {
    const char* der;
    const char* detail;
  };
  for (const Case& c : {Case{"", "a required DER element is missing"},
                        {"3000ff", "DER has an unexpected element"},
                        {"30023100", "name has an empty RelativeDistinguishedName"},
                        {"300b3109300706035504030c00aa", "DER has an unexpected element"},
                        {"300d310b3009060355040313025f5f",
                         "name attribute has characters that its string type does "
                         "not allow"},
                        {"300c310a300806035504030c01ff",
                         "name attribute has characters that its string type does "
                         "not allow"}}) {
    const auto name = Name::from_der(parse_hex(c.der).value());
    REQUIRE_FALSE(name.has_value());
    CHECK(name.error().detail == c.detail);
  }
  CHECK(Name::from_der(parse_hex("3000").value()).value().empty());
  CHECK(Name().der().size() == 2);
}

TEST_CASE("old string types become UTF-8") {
  CHECK(one(oids::kCommonName, asn1::kTeletexString, "\xe4").first(oids::kCommonName) == "ä");
  CHECK(one(oids::kCommonName, asn1::kBmpString, std::string_view("\0\xe4\x20\xac", 4))
            .first(oids::kCommonName) == "ä€");
  CHECK(one(oids::kCommonName, asn1::kUniversalString, std::string_view("\0\x01\xf6\0", 4))
            .first(oids::kCommonName) == "😀");
  CHECK(one(asn1::Oid("1.2.3"), asn1::kOctetString, "x").to_string() == "1.2.3=#040178");
}

TEST_CASE("RFC 4514 text reads back") {
  for (const std::string_view text :
       {"CN=a,O=b,C=DE", "CN=a+OU=b,DC=example,DC=com", "CN=\\ lead and trail\\ ", "CN=\\#1",
        "CN=a\\,b\\+c\\\"\\\\\\;", "CN=Ä", "SN=x,GN=y,UID=z,STREET=s,ST=t,L=l,title=u", ""}) {
    CAPTURE(text);
    const auto name = Name::parse(text);
    REQUIRE(name.has_value());
    CHECK(name->to_string() == text);
  }
  CHECK(Name::parse(" cn = a , o=b ").value().to_string() == "CN=a,O=b");
  CHECK(Name::parse("CN=\\c3\\a4").value().to_string() == "CN=ä");
  CHECK(Name::parse("2.5.4.3=x").value().to_string() == "CN=x");
  CHECK(Name::parse("E=a@b").value().to_string() == "emailAddress=a@b");
}

TEST_CASE("RFC 4514 text is refused with the reason") {
  struct Case {
    const char* text;
    const char* error;
  };
  for (const Case& c :
       {Case{"example.com", "distinguished name is not of the form CN=name,O=organization"},
        {"CN=a,", "distinguished name is not of the form CN=name,O=organization"},
        {"CN=", "name attribute is empty (attribute=CN)"},
        {"XX=a", "unknown name attribute (attribute=XX)"},
        {"CN=a\\", "distinguished name ends in a backslash"},
        {"CN=\\xa", "distinguished name escapes a character that needs none"},
        {"CN=#0c0178", "hexadecimal name values are not accepted"}}) {
    const auto name = Name::parse(c.text);
    REQUIRE_FALSE(name.has_value());
    CHECK(name.error().to_string() == c.error);
  }
}

TEST_CASE("names match across case, spaces and string type") {
  const Name a = one(oids::kCommonName, asn1::kUtf8String, "Example  CA");
  CHECK(matches(a, one(oids::kCommonName, asn1::kPrintableString, " example ca ")));
  CHECK_FALSE(a == one(oids::kCommonName, asn1::kPrintableString, "Example CA"));
  CHECK_FALSE(matches(a, one(oids::kCommonName, asn1::kPrintableString, "ExampleCA")));
  CHECK_FALSE(matches(a, one(oids::kOrganization, asn1::kUtf8String, "Example CA")));
  CHECK_FALSE(matches(one(oids::kEmailAddress, asn1::kIa5String, "a@b"),
                      one(oids::kEmailAddress, asn1::kIa5String, "A@b")));
  CHECK_FALSE(matches(Name::parse("CN=a,O=b").value(), Name::parse("CN=a+O=b").value()));
  CHECK_FALSE(matches(a, Name()));
}

}  // namespace
}  // namespace chancery::x509
