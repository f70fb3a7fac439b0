#include "validation/network/network_validator.h"

#include <doctest/doctest.h>

#include "crypto/digest.h"
#include "validation/network/test_world.h"
#include "validation/network/trail.h"

namespace chancery::validation::network {
namespace {

using namespace testing;

TEST_CASE("the closest zone above a name has the say; a named one before all") {
  World world;
  DnsServer inner;
  const std::string digest = base64(crypto::sha256(as_bytes(kKeyAuthorization)), Base64::kUrl);
  inner.set("_acme-challenge.a.inner.corp.test", RecordType::kTxt, {text_record(digest)});
  ZoneSettings zone = world.settings.standard;
  zone.resolvers = {inner.endpoint()};
  world.settings.zones["inner.corp.test"] = zone;
  world.settings.zones["corp.test"] = world.settings.standard;
  Attempt attempt = attempt_for(Method::kDns01, "a.inner.corp.test");
  CHECK(world.validate(attempt).succeeded());
  attempt.zone = "corp.test";
  CHECK(world.validate(attempt).problem == Problem::kDns);
  attempt.zone = "nowhere";
  const Outcome unknown = world.validate(attempt);
  CHECK(unknown.problem == Problem::kServerInternal);
  CHECK(contains(unknown.detail, "validation.zones"));
  CHECK(world.validate(attempt_for(Method::kDns01, "xinner.corp.test")).problem == Problem::kDns);
  CHECK(inner.queries("_acme-challenge.xinner.corp.test", RecordType::kTxt) == 0);
}

TEST_CASE("a redirect out of a zone stays under its rules") {
  World world;
  TcpServer inner(answer(page(kKeyAuthorization)));
  TcpServer first(answer(redirect("http://b.inner.test:" + std::to_string(inner.port()) + "/")));
  world.settings.standard.http_port = first.port();
  world.settings.standard.tls_port = inner.port();
  world.settings.standard.deny = {cidr("127.0.0.2/32")};
  world.settings.standard.allow = {cidr("127.0.0.1/32")};
  ZoneSettings trusting = world.settings.standard;
  trusting.allow.push_back(cidr("127.0.0.2/32"));
  world.settings.zones["inner.test"] = trusting;
  world.dns.set("www.test", RecordType::kA, {loopback()});
  world.dns.set("b.inner.test", RecordType::kA, {{127, 0, 0, 2}});
  CHECK(contains(world.validate(attempt_for(Method::kHttp01, "www.test")).detail,
                 "the configuration denies its network"));
  CHECK(inner.connections() == 0);
}

TEST_CASE("methods that do not suit an identifier are our own fault") {
  World world;
  Attempt attempt = attempt_for(Method::kDns01, "127.0.0.1");
  attempt.identifier.kind = Identifier::Kind::kIp;
  CHECK(world.validate(attempt).problem == Problem::kServerInternal);
  attempt = attempt_for(Method::kHttp01, "a.test");
  attempt.wildcard = true;
  CHECK(world.validate(attempt).problem == Problem::kServerInternal);
}

TEST_CASE("attempts are counted by method and result") {
  World world;
  static_cast<void>(world.validate(attempt_for(Method::kDns01, "nowhere.test")));
  CaaQuestion question;
  question.name = "nowhere.test";
  static_cast<void>(world.check_caa(question));
  const std::string text = world.metrics.render();
  CHECK(contains(text, "chancery_validation_attempts{method=\"dns-01\",result=\"dns\"} 1"));
  CHECK(contains(text, "chancery_validation_attempts{method=\"caa\",result=\"ok\"} 1"));
  CHECK(contains(text, "chancery_validation_attempts{method=\"tls-alpn-01\",result=\"ok\"} 0"));
  CHECK(contains(text, "chancery_validation_seconds_count{method=\"dns-01\"} 1"));
}

TEST_CASE("what is seen is taken down with the time, within bounds") {
  World world;
  const Outcome outcome = world.validate(attempt_for(Method::kDns01, "nowhere.test"));
  REQUIRE(outcome.observations.size() == 1);
  CHECK(outcome.observations[0].time == kNow);
  Trail trail(world.clock);
  for (int i = 0; i < 1000; ++i) trail.saw(std::string(5000, 'x'), "a\nb");
  const auto all = trail.take();
  CHECK(all.size() == 80);
  CHECK(all[0].target.size() < 600);
  CHECK(all[0].seen == "a?b");
}

TEST_CASE("settings that make no validator name the zone") {
  World world;
  world.settings.zones["corp.test"].resolvers = {"nonsense"};
  const auto made = make_validator(world.settings, world.clock, world.metrics);
  REQUIRE_FALSE(made);
  CHECK(contains(made.error().to_string(), "zone=corp.test"));
}

}  // namespace
}  // namespace chancery::validation::network
