#include "cli/server_address.h"

#include <doctest/doctest.h>

namespace chancery::cli {
namespace {

TEST_CASE("servers are read from host:port and from https URLs") {
  CHECK(parse_host_port("a.test:8443")->port == 8443);
  CHECK(parse_host_port("[::1]:1")->host == "::1");
  CHECK(parse_https_url("https://a.test")->port == 443);
  CHECK(parse_https_url("https://[::1]/x:1")->host == "::1");
  CHECK(parse_https_url("https://a.test:99?x")->port == 99);
  for (const char* bad : {"", "a.test", ":1", "a:", "a:0", "a:65536", "a:1x", "a/b:1", "[::1]"})
    CHECK_FALSE(parse_host_port(bad));
  for (const char* bad : {"http://a.test", "https://", "https://:1", "https://a:0"})
    CHECK_FALSE(parse_https_url(bad));
}

}  // namespace
}  // namespace chancery::cli
