#include <doctest/doctest.h>

#include "cli/acme_verbs.h"

namespace chancery::cli {
namespace {

using Words = std::vector<std::string>;

Words read(std::vector<const char*> words) {
  words.insert(words.begin(), "chancery");
  return with_double_dashes(static_cast<int>(words.size()), words.data());
}

TEST_CASE("the test server takes Pebble's options with one dash or two") {
  CHECK(read({"acme", "test-server", "-strict", "-config", "x.json", "-dnsserver=:53"}) ==
        Words{"acme", "test-server", "--strict", "--config", "x.json", "--dnsserver=:53"});
  CHECK(read({"acme", "test-server", "--strict", "--config", "-config"}) ==
        Words{"acme", "test-server", "--strict", "--config", "--config"});
  CHECK(read({"acme", "test-server", "-strict", "false", "-strict=true"}) ==
        Words{"acme", "test-server", "--strict=false", "--strict=true"});
}

TEST_CASE("nothing else is rewritten") {
  CHECK(read({"acme", "test-server", "-h", "-stric", "true"}) ==
        Words{"acme", "test-server", "-h", "-stric", "true"});
  CHECK(read({"acme", "order", "list", "-config"}) == Words{"acme", "order", "list", "-config"});
  CHECK(read({}).empty());
  CHECK(with_double_dashes(0, nullptr).empty());
}

}  // namespace
}  // namespace chancery::cli
