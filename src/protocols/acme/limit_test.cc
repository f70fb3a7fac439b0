#include "acme/limits.h"

#include "acme/domain_limit.h"
#include "protocols/acme/test_acme.h"

// How often something may be done (RFC 8555 section 6.6).

namespace chancery::acme {
namespace {

TEST_CASE("88: limits say how long to wait (6.6)") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.website = "https://ca.example/help";
    row.accounts_per_address = 2;
    row.orders_per_account = 3;
    row.orders_per_name = 2;
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  for (int i = 0; i < 2; ++i) CHECK(client.order({"a.example"}).status == 201);
  CHECK(client.order({"a.example"}).status == 429);  // of the name
  CHECK(client.order({"b.example"}).status == 201);
  const auto limited = client.order({"c.example"});
  CHECK(limited.status == 429);
  CHECK(type_of(limited) == "rateLimited");
  CHECK(limited.header("Retry-After") == "1200");
  CHECK(limited.header("Link") == "<https://ca.example/help>;rel=\"help\"");
  TestAcme::Client second(acme);
  REQUIRE(second.register_account().status == 201);
  CHECK(second.order({"a.example"}).status == 201);  // others' orders do not count
  TestAcme::Client third(acme);
  CHECK(third.register_account().status == 429);   // of the address
  CHECK(client.register_account().status == 200);  // who has one is let in
  acme.mount.clock.advance(seconds{1800});
  CHECK(third.register_account().status == 201);
  CHECK(client.order({"b.example"}).status == 201);
}

TEST_CASE("88: certificates of a domain, for all accounts together") {
  CHECK(domain_of("a.b.example.com", 2) == "example.com");
  CHECK(domain_of("a.b.example.com", 3) == "b.example.com");
  CHECK(domain_of("example.com", 2) == "example.com");
  CHECK(domain_of("com", 2) == "com");
  CHECK(domain_of("a.b", 16) == "a.b");
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) { row.certificates_per_domain = 2; });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  // Orders take nothing: these never come to a certificate.
  for (int i = 0; i < 3; ++i) CHECK(other.order({"www.a.example"}).status == 201);
  const auto waiting = client.order({"c.a.example"});
  client.prove(waiting);
  CHECK(client.obtain({"a.a.example", "b.a.example"}).text("/status") == "valid");  // one
  CHECK(other.obtain({"b.a.example"}).text("/status") == "valid");
  const auto limited = client.finalize(waiting, client.make_csr({"c.a.example"}));
  CHECK(limited.status == 429);
  CHECK(type_of(limited) == "rateLimited");
  CHECK(limited.text("/detail").contains("a.example"));
  CHECK(limited.header("Retry-After") == "1800");
  CHECK(client.get(waiting.header("Location")).text("/status") == "ready");
  CHECK(type_of(client.order({"d.a.example"})) == "rateLimited");  // it would come to nothing
  // One domain that is full takes nothing from another one.
  CHECK(type_of(client.order({"x.b.example", "d.a.example"})) == "rateLimited");
  for (int i = 0; i < 2; ++i) CHECK(client.obtain({"x.b.example"}).text("/status") == "valid");
  acme.mount.clock.advance(seconds{1800});
  CHECK(client.finalize(waiting, client.make_csr({"c.a.example"})).text("/status") == "valid");
}

TEST_CASE("88: an IPv6 address counts as its /64, an IPv4 address as itself") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) { row.accounts_per_address = 1; });
  const auto registers = [&](const std::string& from) {
    TestAcme::Client client(acme);
    client.peer_address = from;
    return client.register_account().status;
  };
  CHECK(registers("2001:db8:0:1::1") == 201);
  CHECK(registers("2001:db8:0:1:ffff::2") == 429);
  CHECK(registers("2001:db8:0:2::1") == 201);
  CHECK(registers("192.0.2.1") == 201);
  CHECK(registers("::ffff:192.0.2.1") == 429);
  CHECK(registers("192.0.2.2") == 201);
}

std::size_t stored_limits(TestAcme& acme) {
  return acme.mount.store->state()
      .list(record::StateKind::kAcmeLimit, acme.directory()->scope(), {}, 100)
      .value()
      .size();
}

TEST_CASE("88: what was used of a limit outlasts the program") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.accounts_per_address = 1;
    row.orders_per_account = 4;
    row.orders_per_name = 2;
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  for (int i = 0; i < 2; ++i) REQUIRE(client.order({"a.example"}).status == 201);
  acme.start();
  CHECK(type_of(client.order({"a.example"})) == "rateLimited");  // of the name
  for (int i = 0; i < 2; ++i)
    REQUIRE(client.order({"b" + std::to_string(i) + ".example"}).status == 201);
  acme.start();
  const auto limited = client.order({"c.example"});  // of the account
  CHECK(type_of(limited) == "rateLimited");
  CHECK(limited.header("Retry-After") == "900");
  TestAcme::Client second(acme);
  CHECK(type_of(second.register_account()) == "rateLimited");  // of the address
  acme.mount.clock.advance(seconds{900});
  CHECK(client.order({"c.example"}).status == 201);
  CHECK(type_of(client.order({"d.example"})) == "rateLimited");

  // Rows leave when all of a limit is free again, and not before.
  const auto sweep = [&] {
    REQUIRE(acme.core->sweep
                .sweep_page(acme.directory()->scope(), record::StateKind::kAcmeLimit, {}, 100)
                .has_value());
    REQUIRE(acme.mount.store->committer().submit({}).wait(acme.mount.outside).has_value());
  };
  const std::size_t before = stored_limits(acme);
  CHECK(before > 3);
  sweep();
  CHECK(stored_limits(acme) == before);
  acme.mount.clock.advance(seconds{3600});
  sweep();
  CHECK(stored_limits(acme) == 0);
  acme.start();
  for (int i = 0; i < 2; ++i) CHECK(client.order({"a.example"}).status == 201);
}

TEST_CASE("88: tries of a challenge and a domain's certificates outlast it, too") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.failures_per_name = 1;
    row.certificates_per_domain = 1;
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  REQUIRE(client.obtain({"www.a.example"}).text("/status") == "valid");
  const auto waiting = client.order({"x.b.example"});
  acme.validator.outcomes["x.b.example"] =
      ScriptedValidator::failure(validation::Problem::kUnauthorized);
  client.prove(waiting);
  acme.start();
  CHECK(type_of(client.order({"www.a.example"})) == "rateLimited");
  const auto again = client.order({"x.b.example"});
  REQUIRE(again.status == 201);
  const std::string authorization(again.object().at("authorizations").as_array().at(0).as_string());
  CHECK(type_of(client.answer_challenge(authorization, "http-01")) == "rateLimited");
}

TEST_CASE("88: a limit that is hardly used costs no row") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  REQUIRE(client.obtain({"a.example"}).text("/status") == "valid");
  CHECK(stored_limits(acme) == 0);
}

// Bed is limits over a store of their own.
struct Bed {
  std::unique_ptr<record::Store> store = storage::memory::make_store(log);
  const TimePoint now = from_unix(1'700'000'000);

  static Limit limit(std::uint32_t most, const std::string& what = "k") {
    return {limit_key({"root", "acme/x/"}, what), most, seconds{100}};
  }
  // spend commits what is to be stored, and gives the seconds to wait.
  std::int64_t spend(Limits& limits, const Limit& limit, TimePoint at) const {
    record::WriteSet writes;
    const auto wait = limits.spend(limit, at, writes).value();
    if (!writes.changes.empty()) {
      REQUIRE(
          store->committer().submit(std::move(writes)).wait(OnLane::outside_server()).has_value());
    }
    return wait.count();
  }

 private:
  static inline NullLog log;
};

TEST_CASE("limits: the exact moment") {
  Bed bed;
  Limits limits(bed.store->state());
  const Limit limit = Bed::limit(10);
  for (int i = 0; i < 10; ++i) CHECK(bed.spend(limits, limit, bed.now) == 0);
  CHECK(bed.spend(limits, limit, bed.now) == 10);
  CHECK(limits.wait(limit, bed.now + seconds{9}).value() == seconds{1});
  CHECK(bed.spend(limits, limit, bed.now + seconds{9}) == 1);
  CHECK(bed.spend(limits, limit, bed.now + seconds{10}) == 0);
  CHECK(bed.spend(limits, Bed::limit(0), bed.now) == 0);
}

TEST_CASE("limits: whoever begins anew gets half of a limit at most") {
  Bed bed;
  const Limit limit = Bed::limit(10);
  Limits before(bed.store->state());
  for (int i = 0; i < 4; ++i) CHECK(bed.spend(before, limit, bed.now) == 0);
  CHECK_FALSE(bed.store->state().get(limit.key).value().has_value());
  CHECK(bed.spend(before, limit, bed.now) == 0);
  Limits after(bed.store->state());
  CHECK(after.wait(limit, bed.now).value() == seconds{0});
  for (int i = 0; i < 5; ++i) CHECK(bed.spend(after, limit, bed.now) == 0);
  CHECK(bed.spend(after, limit, bed.now) == 10);
  Limits last(bed.store->state());
  CHECK(last.wait(limit, bed.now).value() == seconds{10});
}

TEST_CASE("limits: there is room for so many keys, and who is pushed out is still known") {
  Bed bed;
  Limits limits(bed.store->state());
  const Limit used = Bed::limit(1, "used");
  CHECK(bed.spend(limits, used, bed.now) == 0);
  record::WriteSet none;
  for (std::size_t i = 0; i < Limits::kMostKeys + 10; ++i)
    REQUIRE(limits.spend(Bed::limit(10, "x" + std::to_string(i)), bed.now, none).value() ==
            seconds{0});
  CHECK(none.changes.empty());
  CHECK(bed.spend(limits, used, bed.now) == 100);
}

TEST_CASE("limits: a clock that was put back keeps nobody out for longer than a limit says") {
  Bed bed;
  const Limit limit = Bed::limit(2);
  Limits ahead(bed.store->state());
  for (int i = 0; i < 2; ++i)
    CHECK(bed.spend(ahead, limit, bed.now + seconds{365LL * 86'400}) == 0);
  Limits limits(bed.store->state());
  for (Limits* const one : {&limits, &ahead}) {
    CHECK(one->wait(limit, bed.now).value() == seconds{50});
    CHECK(one->wait(limit, bed.now + seconds{20}).value() == seconds{30});
    CHECK(bed.spend(*one, limit, bed.now + seconds{50}) == 0);
  }
}

TEST_CASE("limits: one that was made smaller counts as used up") {
  Bed bed;
  Limits limits(bed.store->state());
  for (int i = 0; i < 10; ++i) CHECK(bed.spend(limits, Bed::limit(10), bed.now) == 0);
  CHECK(limits.wait(Bed::limit(2), bed.now).value() == seconds{50});
  CHECK(limits.wait(Bed::limit(20), bed.now).value() == seconds{5});
}

TEST_CASE("limits: a row that cannot be read refuses") {
  Bed bed;
  const Limit limit = Bed::limit(2);
  const Bytes sound = access::encode_row(Used{bed.now});
  CHECK(access::decode_row<Used>(sound).value().free_at == bed.now);
  for (std::size_t size = 0; size < sound.size(); ++size)
    CHECK_FALSE(access::decode_row<Used>(BytesView(sound).first(size)).has_value());
  Bytes longer = sound;
  longer.push_back(0);
  record::WriteSet writes;
  writes.put(limit.key, longer);
  REQUIRE(
      bed.store->committer().submit(std::move(writes)).wait(OnLane::outside_server()).has_value());
  Limits limits(bed.store->state());
  record::WriteSet none;
  CHECK_FALSE(limits.spend(limit, bed.now, none).has_value());
}

}  // namespace
}  // namespace chancery::acme
