#include "server/config.h"

#include <doctest/doctest.h>

#include "os/file.h"
#include "server/config_verbs.h"

namespace chancery::server {
namespace {

TEST_CASE("what to_yaml writes is what parse_config reads") {
  Config config;
  config.https = {"::1", 443};
  config.names = {"ca.example.test"};
  config.log_format = LogFormat::kJson;
  config.weak_keys = {"/a/RSA-2048", "b c"};
  const Config again = parse_config(to_yaml(config)).value();
  CHECK(to_string(again.https) == "[::1]:443");
  CHECK(again.names == config.names);
  CHECK(again.weak_keys == config.weak_keys);
  CHECK(to_yaml(again) == to_yaml(config));
}

TEST_CASE("an unknown key is an error that suggests the near one") {
  const auto error = parse_config("listners:\n  https: 127.0.0.1:1\n").error();
  CHECK(error.detail == "unknown configuration key; did you mean \"listeners.https\"?");
  CHECK(error.to_string().find("key=listners.https") != std::string::npos);
  CHECK(error.to_string().find("line=2") != std::string::npos);
}

TEST_CASE("wrong values name the key and what was expected") {
  CHECK(parse_config("limits: {max_connections: many}").error().detail ==
        "expected a whole number from 1 to 1000000");
  CHECK(parse_config("listeners: {https: nowhere}").error().code == Code::kMalformed);
  CHECK(parse_config("log: {level: loud}").error().detail ==
        "expected debug, info, warning or error");
  CHECK(parse_config("store: [a, b]").error().detail == "expected one value");
  CHECK(parse_config("store: sqlite\nstore: memory\n").error().detail == "key stands twice");
  CHECK(parse_config("a: [").error().code == Code::kMalformed);
  CHECK(parse_config("- a\n- b\n").error().code == Code::kMalformed);
  CHECK(parse_config("").has_value());
}

TEST_CASE("validation: zones take what they do not say from outside of them") {
  const Config config = parse_config(R"(
validation:
  resolvers: ["192.0.2.53:53", "[2001:db8::53]:53"]
  deny: [10.0.0.0/8]
  http_port: 5002
  zones:
    corp.example:
      resolvers: ["127.0.0.1:5300"]
      dnssec: false
      allow: [127.0.0.0/8]
    Dev.Corp.Example.: {deny: []}
)")
                            .value();
  const auto settings = settings_of(config.validation);
  CHECK(settings.standard.resolvers.size() == 2);
  CHECK(settings.standard.dnssec);
  const auto& corp = settings.zones.at("corp.example");
  CHECK(corp.resolvers == std::vector<std::string>{"127.0.0.1:5300"});
  CHECK_FALSE(corp.dnssec);
  CHECK(corp.deny.size() == 1);
  CHECK(corp.http_port == 5002);
  CHECK(settings.zones.at("dev.corp.example").deny.empty());
  CHECK(settings.zones.at("dev.corp.example").resolvers.size() == 2);
  CHECK(to_yaml(parse_config(to_yaml(config)).value()) == to_yaml(config));
  CHECK(changed_keys(Config{}, config).size() == 4);
}

TEST_CASE("validation: wrong values name the key and what was expected") {
  const auto error = [](const std::string& inner) {
    return parse_config("validation: {" + inner + "}").error().to_string();
  };
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(error("resolvers: [ns.example:53]"), "expected an IP address and a port"));
  CHECK(has(error("resolvers: [192.0.2.1]"), "expected address:port"));
  CHECK(has(error("dnssec: maybe"), "expected true or false"));
  CHECK(has(error("allow: [10.0.0.0]"), "key=validation.allow"));
  CHECK(has(error("http_port: 0"), "expected a port from 1 to 65535"));
  CHECK(has(error("dns_cache: 2h"), "at most one hour"));
  CHECK(has(error("zones: no"), "expected a map of domains"));
  CHECK(has(error("zones: {corp.example: 1}"), "unknown configuration key"));
  CHECK(has(error("zones: {corp..example: {dnssec: true}}"), "a zone's name is a domain"));
  CHECK(has(error("zones: {corp.example: {dnsec: true}}"), "did you mean \"dnssec\"?"));
  CHECK(has(error("zones: {corp.example: {http_port: x}}"),
            "key=validation.zones.corp.example.http_port"));
}

TEST_CASE("what differs between two configurations, and whether a reload can change it") {
  Config before;
  Config after = before;
  CHECK(changed_keys(before, after).empty());
  after.names = {"ca.example.test"};
  after.https.port = 1;
  const auto keys = changed_keys(before, after);
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].path == "listeners.https");
  CHECK_FALSE(keys[0].live);
  CHECK(keys[1].path == "tls.names");
  CHECK(keys[1].live);
}

TEST_CASE("relative paths are taken from the file's own directory") {
  Config config = parse_config("weak_keys: [lists/RSA-2048, /abs]\ndata: d").value();
  resolve_paths(config, "/etc/chancery");
  CHECK(config.data == "/etc/chancery/d");
  CHECK(config.weak_keys == std::vector<std::string>{"/etc/chancery/lists/RSA-2048", "/abs"});
}

TEST_CASE("check_config tells every error with its line") {
  const auto check = check_config("stor: x\nlog:\n  level: loud\n  format: json\n");
  REQUIRE(check.errors.size() == 2);
  CHECK(check.errors[0].to_string().find("line=1") != std::string::npos);
  CHECK(check.errors[1].to_string().find("key=log.level, line=3") != std::string::npos);
  CHECK(check.config.log_format == LogFormat::kJson);
}

TEST_CASE("the page of configuration keys is the one that the program writes") {
  const auto page = os::read_file(CHANCERY_SOURCE_DIR "/docs/operations/configuration.md");
  REQUIRE(page.has_value());
  // chancery config docs --output markdown > docs/operations/configuration.md
  CHECK(as_text(*page) == config_markdown());
}

TEST_CASE("endpoints") {
  CHECK(parse_endpoint("0.0.0.0:0").value().port == 0);
  CHECK(to_string(parse_endpoint("[::]:8200").value()) == "[::]:8200");
  for (const char* bad : {"", "8200", ":8200", "a:", "a:70000", "a:-1"})
    CHECK_FALSE(parse_endpoint(bad).has_value());
}

}  // namespace
}  // namespace chancery::server
