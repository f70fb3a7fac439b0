#include <doctest/doctest.h>

#include "storage/conformance/sample.h"
#include "storage/index_row.h"
#include "storage/sqlite/catalog.h"
#include "storage/sqlite/crc32c.h"
#include "storage/sqlite/segment_writer.h"
#include "storage/sqlite/test_directory.h"

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
