#include "protocols/status/packed_crls.h"

#include <doctest/doctest.h>

#include <barrier>
#include <set>
#include <thread>
#include <vector>

namespace chancery::status {
namespace {

TEST_CASE("of many who want a CRL in gzip at once, one compresses it") {
  PackedCrls packed(1 << 20);
  const Bytes der(100'000, 7);
  CHECK(packed.find("a") == nullptr);
  constexpr std::size_t kThreads = 6;
  std::barrier together(kThreads);
  std::vector<std::shared_ptr<const Bytes>> got(kThreads);
  std::vector<std::jthread> threads;
  for (auto& each : got) {
    threads.emplace_back([&] {
      together.arrive_and_wait();
      each = packed.make("a", der).value();
    });
  }
  threads.clear();
  CHECK(packed.made() == 1);
  CHECK(std::set(got.begin(), got.end()).size() == 1);
  CHECK(packed.find("a") == got.front());
  CHECK(packed.make("a", der).value() == got.front());
  CHECK(packed.made() == 1);
  CHECK(packed.make("b", der).value() != got.front());
  CHECK(packed.made() == 2);
}

TEST_CASE("what was not asked for longest goes first, and what is too large is not kept") {
  PackedCrls packed(300);
  const Bytes der(50'000, 7);  // some 100 bytes in gzip
  const std::size_t size = packed.make("a", der).value()->size();
  REQUIRE(size <= 300);
  const std::size_t fit = 300 / size;
  for (std::size_t i = 1; i < fit; ++i) CHECK(packed.make(std::to_string(i), der).has_value());
  CHECK(packed.find("a") != nullptr);
  CHECK(packed.make("z", der).has_value());
  CHECK(packed.find("z") != nullptr);
  // "a" was asked for last, so another one had to go, unless only one fits.
  CHECK((packed.find("a") != nullptr) == (fit > 1));
  PackedCrls none(1);
  CHECK(none.make("a", der).has_value());
  CHECK(none.find("a") == nullptr);
}

}  // namespace
}  // namespace chancery::status
