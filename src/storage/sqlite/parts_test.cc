#include <doctest/doctest.h>

#include <algorithm>

#include "base/test_directory.h"
#include "storage/conformance/sample.h"
#include "storage/index_row.h"
#include "storage/sqlite/catalog.h"
#include "storage/sqlite/crc32c.h"
#include "storage/sqlite/segment_writer.h"

namespace chancery::storage::sqlite {
namespace {

using conformance::issue;
using conformance::numbered;

TEST_CASE("CRC-32C of RFC 3720") {
  CHECK(Crc32c().add(as_bytes("123456789")).value() == 0xe3069283);
  CHECK(Crc32c().add(BytesView(Bytes(32, 0))).value() == 0x8a9136aa);
  CHECK(Crc32c().add(BytesView(Bytes(32, 0xff))).value() == 0x62a8ab43);
  CHECK(Crc32c().add(as_bytes("1234")).add(as_bytes("56789")).value() == 0xe3069283);
}

Manifest sample() {
  Manifest manifest;
  manifest.next_number = 12;
  manifest.segments = {{682, 0, 99, 50, false}, {683, 1, 98, 50, true}};
  manifest.hots = {{10, 100}, {11, 200}};
  manifest.missing = {{5, 7}, {20, 30}};
  return manifest;
}

TEST_CASE("the manifest comes back as it was written") {
  const Manifest manifest = decode_manifest(encode(sample())).value();
  CHECK(encode(manifest) == encode(sample()));
  CHECK(manifest.segments == sample().segments);
  CHECK(manifest.hots == sample().hots);
  CHECK(manifest.missing == sample().missing);
  CHECK(manifest.missing_rows() == 12);
  CHECK(encode(decode_manifest(encode(Manifest{})).value()) == encode(Manifest{}));
}

TEST_CASE("a damaged manifest is refused") {
  const std::string good = encode(sample());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    CHECK_FALSE(decode_manifest(bad).has_value());
    CHECK_FALSE(decode_manifest(std::string_view(good).substr(0, i)).has_value());
  }
}

TEST_CASE("segments have one month each") {
  CHECK(month_name(0) == "1970-01");
  CHECK(month_name(56 * 12 + 10) == "2026-11");
  const TestDirectory directory;
  RowBatch batch;
  for (std::uint32_t n = 0; n < 100; ++n) {
    batch.add(index_row(n, issue(numbered(n)).entries.front()).value());
  }
  const auto segments = write_segments(directory.path(), std::move(batch)).value();
  CHECK(segments.size() == 4);
  std::uint64_t rows = 0;
  for (const auto& segment : segments) {
    rows += segment.rows;
    const IndexPart part(segment_path(directory.path(), segment), segment, 1);
    CHECK(part.with([](EntryReader& reader) { return reader.count(1000); }).value() ==
          segment.rows);
  }
  CHECK(rows == 100);
}

// How many of `rows` a file's filter lets pass, by serial number and by every name.
std::size_t passing(const IndexPart& part, const std::vector<record::CertificateRow>& rows) {
  return static_cast<std::size_t>(std::ranges::count_if(rows, [&](const auto& row) {
    bool all =
        part.may_hold(serial_filter_key(scope_key(row.scope), BytesView(row.serial))).value();
    for (const std::string& name : index_names(row))
      all = all && part.may_hold(name_filter_key(name_key(name))).value();
    return all;
  }));
}

// Some certificates of one month, cut into two segments.
struct TwoSegments {
  TwoSegments() {
    RowBatch halves[2];
    for (std::uint32_t n = 0; rows.size() < 40; ++n) {
      auto row = index_row(n, issue(numbered(n)).entries.front()).value();
      if (!rows.empty() && expiry_month(row.not_after) != expiry_month(rows[0].not_after)) continue;
      halves[rows.size() / 20].add(row);
      rows.push_back(std::move(row));
    }
    for (RowBatch& half : halves) {
      const auto written = write_segments(directory.path(), std::move(half)).value();
      segments.insert(segments.end(), written.begin(), written.end());
    }
  }
  [[nodiscard]] IndexPart part(const IndexPart::Segment& segment) const {
    return {segment_path(directory.path(), segment), segment, 1};
  }
  void execute(const IndexPart::Segment& segment, const std::string& sql) const {
    const std::string path = segment_path(directory.path(), segment);
    REQUIRE(Database::open(path, OpenMode::kReadWrite).value().execute(sql).has_value());
  }

  const TestDirectory directory;
  std::vector<record::CertificateRow> rows;
  std::vector<IndexPart::Segment> segments;
};

TEST_CASE("filters of segments let their own pass, also after a merge") {
  const TwoSegments two;
  REQUIRE(two.segments.size() == 2);
  const std::vector first(two.rows.begin(), two.rows.begin() + 20);
  const std::vector second(two.rows.begin() + 20, two.rows.end());
  CHECK(passing(two.part(two.segments[0]), first) == 20);
  CHECK(passing(two.part(two.segments[1]), second) == 20);
  CHECK(passing(two.part(two.segments[0]), second) < 5);
  const auto merged = merge_segments(two.directory.path(), two.segments).value();
  CHECK(passing(two.part(merged), two.rows) == 40);
}

TEST_CASE("a segment without a filter is always asked; one with a damaged filter fails") {
  const TwoSegments two;
  two.execute(two.segments[0], "DROP TABLE filter");
  CHECK(passing(two.part(two.segments[0]), two.rows) == 40);
  two.execute(two.segments[1], "UPDATE filter SET bits = zeroblob(length(bits))");
  const auto asked = two.part(two.segments[1]).may_hold(1);
  REQUIRE_FALSE(asked.has_value());
  CHECK(asked.error().code == Code::kDataLoss);
}

TEST_CASE("expired months are dropped by unlinking") {
  const TestDirectory directory;
  RowBatch batch;
  for (std::uint32_t n = 0; n < 100; ++n) {
    batch.add(index_row(n, issue(numbered(n)).entries.front()).value());
  }
  NullLog log;
  IndexCatalog catalog(directory.path(), Manifest{}, log);
  const auto segments = write_segments(directory.path(), std::move(batch)).value();
  REQUIRE(catalog
              .change([&](Manifest& manifest) {
                manifest.segments = segments;
                return true;
              })
              .value());
  CHECK(TestDirectory::files(directory.path()).size() == 5);  // with the manifest
  REQUIRE(catalog.drop_months_through(segments[1].month).has_value());
  CHECK(TestDirectory::files(directory.path()).size() == 3);
  CHECK(catalog.view()->segments.size() == 2);
  CHECK(IndexCatalog::load(directory.path()).value().segments.size() == 2);
}

}  // namespace
}  // namespace chancery::storage::sqlite
