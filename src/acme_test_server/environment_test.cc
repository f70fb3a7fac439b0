#include "acme_test_server/environment.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "acme_test_server/resolvers.h"

namespace chancery::acme_test {
namespace {

Result<Environment> read(const std::map<std::string, std::string>& variables) {
  return read_environment([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST_CASE("without variables things are as Pebble has them") {
  const auto usual = read({}).value();
  CHECK_FALSE(usual.always_valid);
  CHECK(usual.sleep == seconds{5});
  CHECK(usual.bad_nonces == 5);
  CHECK(usual.reuse == 50);
  CHECK(usual.orders_on_page == 3);
  CHECK(usual.alternate_roots == 0);
  CHECK(usual.chain_length == 1);
}

TEST_CASE("every variable counts") {
  const auto all = read({{"PEBBLE_VA_ALWAYS_VALID", "True"},
                         {"PEBBLE_VA_SLEEPTIME", "15"},
                         {"PEBBLE_WFE_NONCEREJECT", "90"},
                         {"PEBBLE_AUTHZREUSE", "100"},
                         {"PEBBLE_WFE_ORDERS_PER_PAGE", "15"},
                         {"PEBBLE_ALTERNATE_ROOTS", "2"},
                         {"PEBBLE_CHAIN_LENGTH", "3"}})
                       .value();
  CHECK(all.always_valid);
  CHECK(all.sleep == seconds{15});
  CHECK(all.bad_nonces == 90);
  CHECK(all.reuse == 100);
  CHECK(all.orders_on_page == 15);
  CHECK(all.alternate_roots == 2);
  CHECK(all.chain_length == 3);
  CHECK(read({{"PEBBLE_VA_NOSLEEP", "1"}, {"PEBBLE_VA_SLEEPTIME", "15"}})->sleep == seconds{0});
  CHECK(read({{"PEBBLE_VA_NOSLEEP", "0"}, {"PEBBLE_VA_SLEEPTIME", ""}})->sleep == seconds{5});
}

TEST_CASE("what cannot be meant is refused with the variable") {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"PEBBLE_VA_ALWAYS_VALID", "yes"},
                                          {"PEBBLE_VA_SLEEPTIME", "0"},
                                          {"PEBBLE_WFE_NONCEREJECT", "101"},
                                          {"PEBBLE_AUTHZREUSE", "-1"},
                                          {"PEBBLE_WFE_ORDERS_PER_PAGE", "0"},
                                          {"PEBBLE_ALTERNATE_ROOTS", "17"},
                                          {"PEBBLE_CHAIN_LENGTH", "1x"}}) {
    CAPTURE(name);
    const auto refused = read({{name, value}});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().where.front().value == name);
  }
}

TEST_CASE("the name server of the option") {
  CHECK(resolver_of("10.10.10.10:5053").value() == "10.10.10.10:5053");
  CHECK(resolver_of(":5053").value() == "127.0.0.1:5053");
  CHECK(resolver_of("localhost:53").value() == "127.0.0.1:53");
  CHECK(resolver_of("[::1]:53").value() == "[::1]:53");
  CHECK_FALSE(resolver_of("8.8.8.8").has_value());
  CHECK_FALSE(resolver_of("dns.example:53").has_value());
}

TEST_CASE("the name servers of resolv.conf") {
  CHECK(parse_resolv_conf("# none\nsearch example\noptions edns0\n").empty());
  CHECK(parse_resolv_conf("search a\n nameserver\t192.0.2.1 \nnameserver fe80::1%eth0\n"
                          "nameserver 2001:db8::1\nnameserver\nnameservers 192.0.2.9\n") ==
        std::vector<std::string>{"192.0.2.1:53", "[2001:db8::1]:53"});
  CHECK(parse_resolv_conf("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
                          "nameserver 192.0.2.4")
            .size() == 3);
}

}  // namespace
}  // namespace chancery::acme_test
