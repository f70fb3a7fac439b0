#include "policy/host_name.h"

#include <doctest/doctest.h>

#include <string>

namespace chancery::policy {
namespace {

const std::string k63(63, 'a');
const std::string k64(64, 'a');

TEST_CASE("host names") {
  for (const char* good : {"example.com", "a", "a.b", "A-1.b", "*.example.com", "example.com.",
                           "1.2.3.4", "xn--bcher-kva.de", "a--b"}) {
    CAPTURE(good);
    CHECK(is_host_name(good));
  }
  for (const char* bad :
       {"", ".", "*", "*.", "-a.b", "a-.b", "a..b", ".a", "a_b", "a b", "w*.example.com", "a.*.b",
        "**.a", "a@b", "b\xc3\xbc.de", "a.b..", "::1", "a\n", "a.com\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_host_name(bad));
  }
}

TEST_CASE("text outside ASCII may still look like a host name") {
  CHECK(
      looks_like_host_name("b\xc3\xbc"
                           "cher.de"));
  CHECK_FALSE(looks_like_host_name("Jane M\xc3\xbcller"));
}

TEST_CASE("wildcard labels") {
  for (const char* good : {"*", "*w", "w*", "a*b", "1-*-1x"}) {
    CAPTURE(good);
    const bool inner_hyphen = std::string_view(good) == "1-*-1x";  // a hyphen may not end a part
    CHECK(is_wildcard_label(good) == !inner_hyphen);
  }
  for (const char* bad : {"", "a", "**", "-*", "*-", "a*b*", "_*"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_wildcard_label(bad));
  }
}

TEST_CASE("IDNA names the part it refuses") {
  struct Row {
    std::string name;
    std::string_view fault;
  };
  const std::string long_name = k63 + "." + k63 + "." + k63 + "." + k63;
  const Row rows[] = {
      {"a..b", "a..b"},
      {".a.b", ".a.b"},
      {"example.com.", "example.com."},
      {k64 + ".example", k64},
      {long_name, long_name},
      {"b\xc3\xbc"
       "cher.example",
       "b\xc3\xbc"
       "cher"},
      {"www.xn--abc-.example", "abc-"},  // ASCII only
      {"xn--.example", ""},
      {"xn---.example", "-"},
      {"xn--\x7f.example", "\x7f"},
      {"xn--99999999999.example", "99999999999"},  // over U+10FFFF
      {"xn--bcher-k.example", "bcher-k"},          // ends inside a number
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto fault = idna_fault(row.name);
    REQUIRE(fault.has_value());
    CHECK(*fault == row.fault);
  }
  for (const std::string& good :
       {std::string("example.com"), k63 + ".a", std::string("xn--bcher-kva.de"),
        std::string("xn--a.de"), std::string("xn--fiqs8s"), std::string("xn--MgbH0fb"),
        std::string("XN--a.de"), std::string("a b"), std::string("xn--ihqwcrb4cv8a8dqg056pqjye")}) {
    CAPTURE(good);
    CHECK_FALSE(idna_fault(good).has_value());
  }
}

}  // namespace
}  // namespace chancery::policy
