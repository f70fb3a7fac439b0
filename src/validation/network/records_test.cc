#include "validation/network/records.h"

#include <doctest/doctest.h>

#include "validation/network/issue_value.h"

namespace chancery::validation::network {
namespace {

Bytes octets(std::string_view text) { return to_bytes(text); }

TEST_CASE("the strings of a TXT record are joined") {
  using namespace std::string_literals;
  CHECK(txt_text(octets("\3abc")).value() == "abc");
  CHECK(txt_text(octets("\1a\2bc\0"s)).value() == "abc");
  CHECK(txt_text(octets("\0"s)).value() == "");
  CHECK_FALSE(txt_text({}));
  CHECK_FALSE(txt_text(octets("\4abc")));
  CHECK_FALSE(txt_text(octets("\1a\1")));
}

TEST_CASE("a CAA record's parts") {
  using namespace std::string_literals;
  const auto record = parse_caa(octets("\x80\5IssUeca.test")).value();
  CHECK(record.critical);
  CHECK(record.tag == "issue");
  CHECK(record.value == "ca.test");
  CHECK_FALSE(parse_caa(octets("\x7f\1a"s)).value().critical);
  CHECK(parse_caa(octets("\0\1a"s)).value().value == "");
  for (const auto& wrong : {""s, "\0"s, "\0\0"s, "\0\0x"s, "\0\2a"s, "\0\2a-x"s, "\0\1 x"s}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_caa(octets(wrong)));
  }
}

std::string shown(std::string_view text) {
  const auto value = parse_issue_value(text);
  if (!value) return "error: " + value.error().detail;
  std::string out = value->issuer;
  for (const auto& [tag, content] : value->parameters) out += "|" + tag + "=" + content;
  return out;
}

TEST_CASE("issue values") {
  CHECK(shown("ca.test") == "ca.test");
  CHECK(shown("  CA.Test\t") == "ca.test");
  CHECK(shown("") == "");
  CHECK(shown(";") == "");
  CHECK(shown(" ; ") == "");
  CHECK(shown("ca.test;") == "ca.test");
  CHECK(shown("ca.test; A=b ;c-d = e=f") == "ca.test|a=b|c-d=e=f");
  CHECK(shown("ca.test; a=") == "ca.test|a=");
  CHECK(shown("; a=b") == "|a=b");
  for (const char* wrong : {"ca test", "ca..test", ".ca", "-ca.test", "ca-", "ca_x.test", "%%%%",
                            "ca.test; a", "ca.test; =b", "ca.test; -a=b", "ca.test; a_b=c",
                            "ca.test; a=b;", "ca.test;; a=b", "ca.test; a=b c", "ca.test; a=\x7f",
                            "ca.test; a=\xc3\xa4", "c\xc3\xa4.test", "ca.test a=b"}) {
    CAPTURE(wrong);
    CHECK(shown(wrong).starts_with("error: "));
  }
  CHECK(parse_issue_value(std::string(9000, 'a')).error().code == Code::kTooLarge);
  std::string many = "ca.test; a=b";
  for (int i = 0; i < 64; ++i) many += ";a=b";
  CHECK(parse_issue_value(many).error().code == Code::kTooLarge);
  CHECK(issuer_of(" CA.test ;;;") == "ca.test");
}

}  // namespace
}  // namespace chancery::validation::network
