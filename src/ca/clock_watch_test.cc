#include "ca/clock_watch.h"

#include "ca/test_authority.h"

namespace chancery::ca {
namespace {

// A clock that can be set, beside one that cannot.
struct Times {
  FakeClock clock{from_unix(1'800'000'000)};
  seconds elapsed{1000};
  NullLog log;
  ClockWatch watch{clock, [this] { return elapsed; }, log};

  void pass(seconds time) {
    clock.advance(time);
    elapsed += time;
  }
};

TEST_CASE("time that passes is no jump, however much") {
  Times t;
  for (int i = 0; i < 10; ++i) {
    CHECK(t.watch.check());
    t.pass(seconds{100 * 86'400});
  }
  t.clock.advance(ClockWatch::kTolerance);
  CHECK(t.watch.check());
  t.clock.advance(-2 * ClockWatch::kTolerance);
  CHECK(t.watch.check());
  CHECK(t.watch.jumps() == 0);
}

TEST_CASE("a jump stops it until the clock is back, forwards and backwards") {
  for (const seconds step : {seconds{6}, seconds{-6}, seconds{365 * 86'400}, seconds{-86'400}}) {
    Times t;
    t.pass(seconds{77});
    t.clock.advance(step);
    CHECK(t.watch.check().error().code == Code::kUnavailable);
    t.pass(seconds{100});
    CHECK_FALSE(t.watch.check());
    CHECK(t.watch.jumps() == 1);
    t.clock.advance(-step);
    CHECK(t.watch.check());
    t.clock.advance(step);
    CHECK_FALSE(t.watch.check());
    CHECK(t.watch.jumps() == 2);
  }
}

TEST_CASE("small steps do not add up to a large one") {
  Times t;
  t.clock.advance(seconds{4});
  CHECK(t.watch.check());
  t.clock.advance(seconds{4});
  CHECK_FALSE(t.watch.check());
}

TEST_CASE("a clock behind the history is waited for") {
  TestAuthority authority;
  (void)authority.issue("a.test");
  Times t;
  t.clock.set(authority.clock.now() - seconds{60});
  ClockWatch watch(t.clock, [&] { return t.elapsed; }, t.log);
  CHECK(watch.check());
  REQUIRE(watch.expect_after(authority.store->log()));
  CHECK_FALSE(watch.check());
  t.pass(seconds{54});
  CHECK_FALSE(watch.check());
  t.pass(seconds{1});
  CHECK(watch.check());
}

TEST_CASE("a wrong clock stops issuing; revocations and CRLs go on") {
  TestAuthority t;
  seconds elapsed{0};
  ClockWatch watch(t.clock, [&] { return elapsed; }, t.log);
  Service service({*t.store, *t.keys, t.clock, t.random, t.log, &watch});
  const Issued before = t.issue("before.test");
  CHECK(service.may_issue());
  t.clock.advance(seconds{3600});
  CHECK(service.issue(t.authorize("a.test"), t.authority, "r").error().code == Code::kUnavailable);
  CHECK_FALSE(service.may_issue());
  CHECK(service.may_sign());
  CHECK(service.crl(t.authority, &t.outside));
  elapsed += seconds{3600};
  CHECK(service.issue(t.authorize("b.test"), t.authority, "r"));
}

}  // namespace
}  // namespace chancery::ca
