#include "server/upkeep.h"

#include <doctest/doctest.h>

#include <atomic>

namespace chancery::server {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a poke runs every job, in order, without waiting for the period") {
  Upkeep upkeep(24h);
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  upkeep.add([&] { ++first; });
  upkeep.add([&] {
    second = first.load();
    second.notify_all();
  });
  upkeep.start();
  upkeep.poke();
  second.wait(0);
  CHECK(second == 1);
  upkeep.poke();
  second.wait(1);
  CHECK(second == 2);
  upkeep.stop();
  upkeep.poke();
  CHECK(first == 2);
}

TEST_CASE("what was never started stops") {
  Upkeep upkeep(1ms);
  upkeep.stop();
}

}  // namespace
}  // namespace chancery::server
