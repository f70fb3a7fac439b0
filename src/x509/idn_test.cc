#include "x509/idn.h"

#include <doctest/doctest.h>

#include <string>

#include "x509/general_name.h"

namespace chancery::x509 {
namespace {

TEST_CASE("U-labels have the A-labels that registries know") {
  CHECK(a_label_form("bücher.example") == "xn--bcher-kva.example");
  CHECK(a_label_form("Bücher.Example") == "xn--bcher-kva.example");
  CHECK(a_label_form("*.faß.de") == "*.xn--fa-hia.de");
  CHECK(a_label_form("例え.テスト") == "xn--r8jz45g.xn--zckzah");
  CHECK(a_label_form("plain.example") == "plain.example");
  CHECK(a_label_form("").empty());
  CHECK(a_label_form("a b.example").empty());
  CHECK(a_label_form("a_b.ü.example").empty());
  CHECK(a_label_form("\xff.example").empty());
  CHECK(a_label_form("☕.example").empty());  // no letter: not allowed by IDNA2008
  CHECK(a_label_form(std::string(2000, 'a')).empty());
}

TEST_CASE("A-labels must stand for a U-label") {
  CHECK(a_labels_decode("plain.example"));
  CHECK(a_labels_decode("xn--bcher-kva.example"));
  CHECK(a_labels_decode("XN--BCHER-KVA.example"));
  CHECK_FALSE(a_labels_decode("xn--bcher-k.example"));
  CHECK_FALSE(a_labels_decode("www.xn--99999999999.example"));
  CHECK_FALSE(a_labels_decode("xn--abc-.example"));
}

TEST_CASE("names outside ASCII are refused with what to write instead") {
  const auto dns = GeneralName::dns("bücher.example");
  REQUIRE_FALSE(dns.has_value());
  CHECK(dns.error().detail.contains("\"xn--bcher-kva.example\""));
  const auto email = GeneralName::email("jane@bücher.example");
  REQUIRE_FALSE(email.has_value());
  CHECK(email.error().detail.contains("\"jane@xn--bcher-kva.example\""));
  const auto local = GeneralName::email("jürgen@example.com");
  REQUIRE_FALSE(local.has_value());
  CHECK(local.error().detail.contains("SmtpUTF8:"));
}

TEST_CASE("SmtpUTF8Mailbox is for local parts outside ASCII only (RFC 9598)") {
  const GeneralName name = GeneralName::parse("SmtpUTF8:jürgen@xn--bcher-kva.example").value();
  CHECK(name.to_string() == "SmtpUTF8:jürgen@xn--bcher-kva.example");
  CHECK(name.kind() == GeneralName::Kind::kOther);
  asn1::Writer w;
  name.write(w);
  asn1::Reader in(w.view());
  CHECK(read_general_name(in).value() == name);
  for (const char* bad : {"jane@example.com", "jürgen@bücher.example", "jürgen@Example.com",
                          "jürgen", "@example.com", "jürgen@", "\xef\xbb\xbfjürgen@example.com"}) {
    CAPTURE(bad);
    CHECK(GeneralName::parse("SmtpUTF8:" + std::string(bad)).error().code ==
          Code::kInvalidArgument);
  }
}

TEST_CASE("a SmtpUTF8Mailbox of another string type is refused when read") {
  // [0] { OID, [0] { IA5String "j@example" } }
  const Bytes bytes = parse_hex("a01706082b06010505070809a00b16096a406578616d706c65").value();
  asn1::Reader in(bytes);
  CHECK(read_general_name(in).error().code == Code::kMalformed);
}

}  // namespace
}  // namespace chancery::x509
