#include "validation/network/resolver.h"

#include <doctest/doctest.h>

#include <thread>

#include "validation/network/records.h"
#include "validation/network/test_dns_server.h"

namespace chancery::validation::network {
namespace {

using testing::DnsServer;
using testing::text_record;
using Status = LookUp::Status;

ZoneSettings settings_for(const DnsServer& dns) {
  ZoneSettings settings;
  settings.resolvers = {dns.endpoint()};
  settings.dnssec = false;
  return settings;
}

// Generous: only what never answers may come to its end.
Deadline soon() { return Deadline(std::chrono::seconds(10)); }

TEST_CASE("what a look-up can come to") {
  DnsServer dns;
  dns.set("a.corp.test", RecordType::kTxt, {text_record("x"), text_record("y")});
  dns.set_code("broken.test", 2);
  dns.set_code("refused.test", 5);
  dns.be_silent_about("silent.test");
  const auto resolver = make_resolver(settings_for(dns)).value();
  const LookUp found = resolver->look_up("a.corp.test", RecordType::kTxt, soon());
  CHECK(found.status == Status::kRecords);
  CHECK(found.records.size() == 2);
  CHECK(found.text() == "2 records");
  CHECK(resolver->look_up("a.corp.test", RecordType::kA, soon()).status == Status::kNoData);
  CHECK(resolver->look_up("corp.test", RecordType::kA, soon()).status == Status::kNoData);
  CHECK(resolver->look_up("b.corp.test", RecordType::kA, soon()).status == Status::kNxDomain);
  CHECK(resolver->look_up("broken.test", RecordType::kA, soon()).status == Status::kServFail);
  CHECK(resolver->look_up("refused.test", RecordType::kA, soon()).status == Status::kServFail);
  const Deadline short_one(std::chrono::milliseconds(200));
  const LookUp late = resolver->look_up("silent.test", RecordType::kA, short_one);
  CHECK(late.status == Status::kTimedOut);
  CHECK(late.text() == "no answer in time");
}

TEST_CASE("two types at once: each has its own answer, and its own failure") {
  DnsServer dns;
  dns.set("a.test", RecordType::kTxt, {text_record("x")});
  dns.set("a.test", RecordType::kA, {Bytes{127, 0, 0, 1}, Bytes{127, 0, 0, 2}});
  dns.be_silent_about("silent.test");
  const auto resolver = make_resolver(settings_for(dns)).value();
  const auto [text, address] =
      resolver->look_up_both("a.test", RecordType::kTxt, RecordType::kA, soon());
  CHECK(text.records.size() == 1);
  CHECK(address.records.size() == 2);
  const auto [none, found] =
      resolver->look_up_both("a.test", RecordType::kAaaa, RecordType::kA, soon());
  CHECK(none.status == Status::kNoData);
  CHECK(found.status == Status::kRecords);
  const auto [late, later] = resolver->look_up_both(
      "silent.test", RecordType::kAaaa, RecordType::kA, Deadline(std::chrono::milliseconds(200)));
  CHECK(late.status == Status::kTimedOut);
  CHECK(later.status == Status::kTimedOut);
  // What comes too late finds nobody, and the next one its own answer.
  CHECK(resolver->look_up("a.test", RecordType::kA, soon()).records.size() == 2);
}

TEST_CASE("aliases are followed, large answers come over TCP") {
  DnsServer dns;
  dns.set_alias("_acme-challenge.a.test", "x.delegated.test");
  dns.set("x.delegated.test", RecordType::kTxt, {text_record("digest")});
  std::vector<Bytes> many;
  for (int i = 0; i < 60; ++i)
    many.push_back(text_record(std::string(50, 'a') + std::to_string(i)));
  dns.set("many.test", RecordType::kTxt, many);
  const auto resolver = make_resolver(settings_for(dns)).value();
  const LookUp alias = resolver->look_up("_acme-challenge.a.test", RecordType::kTxt, soon());
  REQUIRE(alias.records.size() == 1);
  CHECK(txt_text(alias.records[0]).value() == "digest");
  CHECK(resolver->look_up("many.test", RecordType::kTxt, soon()).records.size() == 60);
  CHECK(dns.tcp_queries() > 0);
}

TEST_CASE("neither what there is nor what there is not is remembered") {
  DnsServer dns;
  const auto resolver = make_resolver(settings_for(dns)).value();
  CHECK(resolver->look_up("new.test", RecordType::kTxt, soon()).status == Status::kNxDomain);
  dns.set("new.test", RecordType::kTxt, {text_record("x")});
  CHECK(resolver->look_up("new.test", RecordType::kTxt, soon()).status == Status::kRecords);
  dns.set("new.test", RecordType::kTxt, {text_record("x"), text_record("y")});
  CHECK(resolver->look_up("new.test", RecordType::kTxt, soon()).records.size() == 2);
}

TEST_CASE("an answer that should be signed and is not is forged") {
  DnsServer dns;
  dns.set("a.signed.test", RecordType::kTxt, {text_record("x")});
  dns.set("a.plain.test", RecordType::kTxt, {text_record("x")});
  ZoneSettings settings = settings_for(dns);
  settings.dnssec = true;
  settings.trust_anchors = {
      "signed.test. IN DS 20326 8 2 "
      "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"};
  const auto resolver = make_resolver(settings).value();
  const LookUp forged = resolver->look_up("a.signed.test", RecordType::kTxt, soon());
  CHECK(forged.status == Status::kBogus);
  CHECK(forged.text().starts_with("DNSSEC validation failed: "));
  CHECK(forged.records.empty());
  CHECK(forged.failed());
  CHECK(resolver->look_up("a.signed.test", RecordType::kCaa, soon()).failed());
  CHECK(resolver->look_up("a.plain.test", RecordType::kTxt, soon()).status == Status::kRecords);
}

TEST_CASE("many at once, and an end with queries under way") {
  DnsServer dns;
  dns.be_silent_about("silent.test");
  for (int i = 0; i < 16; ++i)
    dns.set("n" + std::to_string(i) + ".test", RecordType::kTxt, {text_record(std::to_string(i))});
  const auto resolver = make_resolver(settings_for(dns)).value();
  std::vector<std::string> got(16);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < got.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto answer =
          resolver->look_up("n" + std::to_string(i) + ".test", RecordType::kTxt, soon());
      if (answer.records.size() == 1) got[i] = txt_text(answer.records[0]).value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == std::to_string(i));
  CHECK(resolver->look_up("silent.test", RecordType::kTxt, Deadline(std::chrono::milliseconds(10)))
            .status == Status::kTimedOut);
}

TEST_CASE("settings that make no resolver") {
  ZoneSettings settings;
  settings.resolvers = {"ns.example"};
  CHECK(make_resolver(settings).error().code == Code::kInvalidArgument);
  settings.resolvers = {"ns.example:53"};
  CHECK(make_resolver(settings).error().code == Code::kInvalidArgument);
  settings.resolvers = {"[::1]:53", "127.0.0.1:53"};
  CHECK(make_resolver(settings).has_value());
  settings.trust_anchors = {"not a record"};
  CHECK(make_resolver(settings).error().code == Code::kInvalidArgument);
  CHECK(make_resolver(ZoneSettings{}).has_value());
}

}  // namespace
}  // namespace chancery::validation::network
