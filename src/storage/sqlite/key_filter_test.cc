#include "storage/sqlite/key_filter.h"

#include <doctest/doctest.h>

namespace chancery::storage::sqlite {
namespace {

Bytes serial(std::uint64_t number) {
  Bytes out(19);
  for (std::size_t i = 0; i < 8; ++i) out[i + 3] = static_cast<std::uint8_t>(number >> (8 * i));
  return out;
}

KeyFilter filter_of(std::uint64_t count) {
  KeyFilter filter(2 * count);
  for (std::uint64_t n = 0; n < count; ++n) {
    filter.add(serial_filter_key(7, serial(n)));
    filter.add(name_filter_key("elpmaxe." + std::to_string(n)));
  }
  return filter;
}

TEST_CASE("what was added passes, and little else") {
  constexpr std::uint64_t kCount = 20'000;
  const KeyFilter filter = KeyFilter::decode(filter_of(kCount).encode()).value();
  std::uint64_t strangers = 0;
  for (std::uint64_t n = 0; n < kCount; ++n) {
    REQUIRE(filter.may_hold(serial_filter_key(7, serial(n))));
    REQUIRE(filter.may_hold(name_filter_key("elpmaxe." + std::to_string(n))));
    strangers += filter.may_hold(serial_filter_key(7, serial(kCount + n))) ? 1U : 0U;
    strangers += filter.may_hold(serial_filter_key(8, serial(n))) ? 1U : 0U;
  }
  CHECK(strangers * 100 < 2 * kCount * 3);  // three of a hundred
}

TEST_CASE("keys are what they were when files were written with them") {
  CHECK(serial_filter_key(7, serial(1)) == 8867805716675440824U);
  CHECK(name_filter_key("elpmaxe") == 11961448970746115470U);
}

TEST_CASE("an empty filter holds nothing") {
  CHECK_FALSE(KeyFilter(0).may_hold(name_filter_key("elpmaxe")));
}

TEST_CASE("damaged filters are refused") {
  const Bytes good = filter_of(10).encode();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    CHECK(KeyFilter::decode(bad).error().code == Code::kDataLoss);
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(KeyFilter::decode(BytesView(good).first(size)).error().code == Code::kDataLoss);
}

}  // namespace
}  // namespace chancery::storage::sqlite
