#include "acme_test_server/config.h"

#include <doctest/doctest.h>

namespace chancery::acme_test {
namespace {

// As Pebble's own file has it.
constexpr std::string_view kSample = R"({
  "pebble": {
    "listenAddress": "0.0.0.0:14000",
    "managementListenAddress": "0.0.0.0:15000",
    "certificate": "test/certs/localhost/cert.pem",
    "privateKey": "test/certs/localhost/key.pem",
    "httpPort": 5012,
    "tlsPort": 5011,
    "ocspResponderURL": "",
    "externalAccountBindingRequired": true,
    "externalAccountMACKeys": {"kid-1": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    "domainBlocklist": ["Blocked-Domain.example"],
    "retryAfter": {"authz": 3, "order": 5},
    "keyAlgorithm": "ecdsa",
    "profiles": {
      "default": {"description": "the usual one", "validityPeriod": 7776000},
      "shortlived": {"description": "a brief one", "validityPeriod": 518400}
    }
  }
})";

std::string with(std::string_view more) {
  return R"({"pebble": {"listenAddress": "127.0.0.1:14000")" + std::string(more) + "}}";
}

TEST_CASE("the configuration file of Pebble is read") {
  const auto read = parse_config(kSample).value();
  CHECK(read.warnings.empty());
  const Config& config = read.config;
  CHECK(config.listen.address == "0.0.0.0");
  CHECK(config.listen.port == 14000);
  CHECK(config.management->port == 15000);
  CHECK(config.certificate == "test/certs/localhost/cert.pem");
  CHECK(config.private_key == "test/certs/localhost/key.pem");
  CHECK(config.http_port == 5012);
  CHECK(config.tls_port == 5011);
  CHECK(config.eab_required);
  CHECK(config.eab_keys.at("kid-1") == Bytes(32));
  CHECK(config.blocked_domains == std::vector<std::string>{"blocked-domain.example"});
  CHECK(config.retry_after_authorization == seconds{3});
  CHECK(config.retry_after_order == seconds{5});
  CHECK(config.key_type.algorithm == crypto::KeyAlgorithm::kEcdsaP256);
  REQUIRE(config.profiles.size() == 2);
  CHECK(config.profiles[1].name == "shortlived");
  CHECK(config.profiles[1].description == "a brief one");
  CHECK(config.profiles[1].validity == seconds{518400});
}

TEST_CASE("what a file leaves out is as Pebble has it") {
  const auto read = parse_config(with("")).value();
  CHECK_FALSE(read.config.management.has_value());
  CHECK(read.config.key_type == crypto::KeyType{crypto::KeyAlgorithm::kRsa, 2048});
  CHECK(read.config.retry_after_order == seconds{0});
  CHECK(read.config.profiles.front().name == "default");
  CHECK(read.config.profiles.front().validity == seconds{7776000});
  CHECK_FALSE(parse_config(with(R"(,"managementListenAddress":null)"))->config.management);
  CHECK_FALSE(parse_config(with(R"(,"managementListenAddress":"")"))->config.management);
}

TEST_CASE("keys are compared without regard to case, and stand once") {
  CHECK(parse_config(with(R"(,"HTTPPORT":80)"))->config.http_port == 80);
  CHECK(parse_config(with(R"(,"httpPort":80,"HTTPPort":81)")).error().detail == "it stands twice");
}

TEST_CASE("a key that is nearly right is refused with the right one") {
  const auto refused = parse_config(with(R"(,"htpPort":5002)"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kInvalidArgument);
  CHECK(refused.error().to_string().contains("pebble.htpPort"));
  CHECK(refused.error().to_string().contains(R"(did you mean "httpPort"?)"));
  CHECK_FALSE(parse_config(with(R"(,"profiles":{"a":{"validityPeriods":60}})")).has_value());
}

TEST_CASE("keys that Pebble passes over are warned of") {
  const auto read =
      parse_config(with(R"(,"something":1,"certificateValidityPeriod":157766400)")).value();
  REQUIRE(read.warnings.size() == 2);
  CHECK(read.warnings[0].contains("pebble.something"));
  CHECK(read.warnings[1].contains("validityPeriod"));
}

TEST_CASE("values that make no sense are refused with their key") {
  const auto key_of = [](std::string_view more) {
    const auto read = parse_config(with(more));
    REQUIRE_FALSE(read.has_value());
    return read.error().where.front().value;
  };
  CHECK(key_of(R"(,"httpPort":0)") == "pebble.httpPort");
  CHECK(key_of(R"(,"httpPort":65536)") == "pebble.httpPort");
  CHECK(key_of(R"(,"httpPort":"5002")") == "pebble.httpPort");
  CHECK(key_of(R"(,"tlsPort":1.5)") == "pebble.tlsPort");
  CHECK(key_of(R"(,"keyAlgorithm":"dsa")") == "pebble.keyAlgorithm");
  CHECK(key_of(R"(,"externalAccountBindingRequired":1)") ==
        "pebble.externalAccountBindingRequired");
  CHECK(key_of(R"(,"externalAccountMACKeys":{"k":"AAAA"})") == "pebble.externalAccountMACKeys.k");
  CHECK(key_of(R"(,"externalAccountMACKeys":{"k":"=="})") == "pebble.externalAccountMACKeys.k");
  CHECK(key_of(R"(,"profiles":{"a b":{}})") == "pebble.profiles.a b");
  CHECK(key_of(R"(,"profiles":{"a":{"validityPeriod":-1}})") == "pebble.profiles.a.validityPeriod");
  CHECK(key_of(R"(,"profiles":{"a":{"validityPeriod":800000000}})") ==
        "pebble.profiles.a.validityPeriod");
  CHECK(key_of(R"(,"retryAfter":{"order":-3})") == "pebble.retryAfter.order");
  CHECK(key_of(R"(,"domainBlocklist":[""])") == "pebble.domainBlocklist");
  CHECK(key_of(R"(,"certificate":"only.pem")") == "pebble.certificate");
  CHECK_FALSE(parse_config("{}").has_value());
  CHECK_FALSE(parse_config(R"({"pebble":{}})").has_value());
  CHECK_FALSE(parse_config(R"({"pebble":{"listenAddress":"127.0.0.1"}})").has_value());
  CHECK_FALSE(parse_config("pebble: {}").has_value());
}

TEST_CASE("listen addresses are read as Go's") {
  const auto address = [](std::string_view text) { return parse_listen_address(text)->address; };
  CHECK(address("127.0.0.1:14000") == "127.0.0.1");
  CHECK(address("localhost:14000") == "127.0.0.1");
  CHECK(address(":14000") == "0.0.0.0");
  CHECK(address("[::1]:14000") == "::1");
  for (const std::string_view text :
       {"", "14000", "host.example:14000", "127.0.0.1:", ":0", ":65536", ":x", "127.0.0.1:14000 "})
    CHECK_FALSE(parse_listen_address(text).has_value());
}

TEST_CASE("nothing but the loopback interface without being told") {
  auto config = parse_config(kSample)->config;
  CHECK(confine(config, false)->size() == 2);
  CHECK(config.listen.address == "127.0.0.1");
  CHECK(config.management->address == "127.0.0.1");

  auto v6 = parse_config(R"({"pebble": {"listenAddress": "[::]:14000"}})")->config;
  CHECK(confine(v6, false)->size() == 1);
  CHECK(v6.listen.address == "127.0.0.1");

  auto local = parse_config(R"({"pebble": {"listenAddress": "[::1]:14000"}})")->config;
  CHECK(confine(local, false)->empty());
  CHECK(local.listen.address == "::1");

  auto other = parse_config(R"({"pebble": {"listenAddress": "192.0.2.1:14000"}})")->config;
  CHECK(confine(other, false).error().code == Code::kRefused);
  CHECK(confine(other, true)->empty());
  CHECK(other.listen.address == "192.0.2.1");
}

}  // namespace
}  // namespace chancery::acme_test
