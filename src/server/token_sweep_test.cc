#include "server/token_sweep.h"

#include <doctest/doctest.h>

#include "base/fakes.h"
#include "storage/memory/memory_store.h"

namespace chancery::server {
namespace {

TEST_CASE("dead tokens leave the store, living ones stay") {
  FakeClock clock{from_unix(1'800'000'000)};
  FakeRandom random{3};
  NullLog log;
  const auto store = storage::memory::make_store(log);
  access::Policies policies(*store, clock);
  access::Tokens tokens(*store, policies, clock, random);
  TokenSweep sweep(tokens, store->committer(), clock, log);
  const OnLane outside = OnLane::outside_server();
  for (int i = 0; i < 2500; ++i) {
    access::Tokens::Order order;
    order.policies = {"a"};
    order.ttl = seconds{i % 2 == 0 ? 100 : 10'000};
    auto staged = tokens.login(order, "r");
    REQUIRE(staged.submit(store->committer()).wait(outside).has_value());
  }
  // What was submitted is durable after this.
  const auto settle = [&] { REQUIRE(store->committer().submit({}).wait(outside).has_value()); };
  for (int i = 0; i < 3; ++i) sweep.tend();  // a round, of which nothing is dead
  clock.advance(seconds{500});
  for (int i = 0; i < 10; ++i) sweep.tend();
  settle();
  CHECK(tokens.accessors("", 10'000)->size() == 2500);  // not yet time for another round
  clock.advance(seconds{100});
  for (int i = 0; i < 3; ++i) sweep.tend();
  settle();
  CHECK(tokens.accessors("", 10'000)->size() == 1250);
}

}  // namespace
}  // namespace chancery::server
