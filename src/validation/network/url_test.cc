#include "validation/network/url.h"

#include <doctest/doctest.h>

namespace chancery::validation::network {
namespace {

Url base() {
  Url url;
  url.host = "a.test";
  url.target = "/x/y?q";
  return url;
}

std::string resolved(std::string_view location) {
  const auto url = resolve(base(), location);
  return url ? url->text() : url.error().detail;
}

TEST_CASE("a name of one label is taken where the page has it") {
  Url page = base();
  page.host = "intranet";
  const auto secure = resolve(page, "https://Intranet/x");
  REQUIRE(secure);
  CHECK(secure->text() == "https://intranet/x");
  CHECK_FALSE(resolve(page, "https://other/x"));
  CHECK_FALSE(resolve(base(), "https://intranet/x"));
}

TEST_CASE("a redirect's target, relative and absolute") {
  CHECK(resolved("http://B.Test/p") == "http://b.test/p");
  CHECK(resolved("HTTPS://b.test") == "https://b.test/");
  CHECK(resolved("//b.test:8080/p") == "http://b.test:8080/p");
  CHECK(resolved("https://b.test.:/p") == "https://b.test/p");
  CHECK(resolved("https://b.test?x") == "https://b.test/?x");
  CHECK(resolved("/p?z") == "http://a.test/p?z");
  CHECK(resolved("z") == "http://a.test/x/z");
  CHECK(resolved("../z") == "http://a.test/z");
  CHECK(resolved("../../../z/./") == "http://a.test/z/");
  CHECK(resolved("/a/b/..") == "http://a.test/a/");
  CHECK(resolved("?z") == "http://a.test/x/y?z");
  CHECK(resolved("") == "http://a.test/x/y?q");
  CHECK(resolved("#f") == "http://a.test/x/y?q");
  CHECK(resolved("http://192.0.2.1/") == "http://192.0.2.1/");
  CHECK(resolved("http://[2001:DB8::1]:80/") == "http://[2001:db8::1]:80/");
}

TEST_CASE("a redirect's target that is refused") {
  CHECK(resolved("javascript:alert(1)") == "its scheme is neither http nor https");
  CHECK(resolved("http:p") == "it has no host");
  CHECK(resolved("http://a@b.test/") == "it has a user name or a password");
  CHECK(resolved("http://b.test\\@c.test/") ==
        "it has a blank or a character that a URL cannot have");
  CHECK(resolved("http://b.test:+80/") == "its port is not a number from 1 to 65535");
  CHECK(resolved("http://0x7f.0.0.1/") == "its host is neither an address nor a domain name");
  CHECK(resolved("http://127.0.0.01/") == "its host is neither an address nor a domain name");
  CHECK(resolved("http://[127.0.0.1]/") == "its host is not an IPv6 address");
  CHECK(resolved("http://[::1%25lo]/") == "its host is not an IPv6 address");
  CHECK(resolved("http://a%2eb.test/") == "its host is not a domain name");
  CHECK(resolved("http://" + std::string(250, 'a') + ".test/") == "its host is not a domain name");
  CHECK(resolved("/" + std::string(3000, 'a')) == "it is longer than 2048 octets");
}

}  // namespace
}  // namespace chancery::validation::network
