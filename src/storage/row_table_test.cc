#include "storage/row_table.h"

#include <doctest/doctest.h>

#include <thread>

#include "storage/conformance/sample.h"

namespace chancery::storage {
namespace {

using conformance::issue;
using conformance::kScope;
using conformance::numbered;

record::LogRow certificate_row(std::uint32_t n) { return {n, issue(numbered(n)).entries.front()}; }

TEST_CASE("a row is found from the moment it was added") {
  RowTable table(0);
  table.add({certificate_row(0), {1, {}}, certificate_row(2)}, 4);
  CHECK(table.size() == 2);
  CHECK(table.end() == 4);
  CHECK(table.find_by_serial(kScope, numbered(2).serial).value().log_index == 2);
  CHECK(table.rows_below(2) == 1);
  const auto slice = table.oldest(10);
  CHECK(slice.rows.size() == 2);
  CHECK(slice.end == 4);
  table.drop_below(3);
  CHECK(table.size() == 0);
  CHECK_FALSE(table.find_by_serial(kScope, numbered(2).serial).has_value());
}

TEST_CASE("what cannot be parsed has no row and does not count") {
  RowTable table(0);
  record::LogRow broken = certificate_row(0);
  broken.entry.certificate.resize(10);
  table.add({broken}, 1);
  table.settle();
  CHECK(table.size() == 0);
  CHECK(table.oldest(10).end == 1);
}

TEST_CASE("an empty table that begins later has no rows to wait for") {
  RowTable table(0);
  table.drop_below(20);
  CHECK(table.begin() == 20);
  CHECK(table.end() == 20);
}

// The writer of an index on disk takes slices while rows keep coming: it must get each one.
TEST_CASE("no slice ends behind a row that it lacks") {
  constexpr std::uint32_t kRows = 3000;
  const record::LogEntry entry = issue(numbered(7)).entries.front();
  RowTable table(0);
  std::uint64_t taken = 0;
  std::uint64_t end = 0;
  {
    const std::jthread adder([&](const std::stop_token& stop) {
      for (std::uint32_t n = 0; n < kRows && !stop.stop_requested(); ++n) {
        // So that both have work all the time.
        while (n > table.begin() + 100 && !stop.stop_requested()) std::this_thread::yield();
        table.add({{n, entry}}, n + 1);
      }
    });
    const std::jthread reader([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) table.settle();
    });
    while (end == taken && end < kRows) {
      const auto slice = table.oldest(64);
      taken += slice.rows.size();
      end = slice.end;
      table.drop_below(end);
    }
  }
  CHECK(end == kRows);
  CHECK(taken == kRows);
  CHECK(table.size() == 0);
}

}  // namespace
}  // namespace chancery::storage
