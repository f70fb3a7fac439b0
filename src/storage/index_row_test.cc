#include "storage/index_row.h"

#include <doctest/doctest.h>

#include "storage/conformance/sample.h"
#include "storage/query.h"

namespace chancery::storage {
namespace {

using conformance::certificate_der;
using conformance::chancery_serial;
using conformance::day;
using conformance::issue;
using conformance::numbered;

TEST_CASE("an entry gives a row only when it brought a certificate that parses") {
  record::LogEntry entry = issue(numbered(1)).entries.front();
  REQUIRE(index_row(7, entry).has_value());
  CHECK(index_row(7, entry)->log_index == 7);
  CHECK(index_row(7, entry)->fingerprint == crypto::sha256(entry.certificate));
  record::LogEntry without = entry;
  without.certificate.clear();
  CHECK_FALSE(index_row(7, without).has_value());
  CHECK_FALSE(brief_row(7, without).has_value());
  entry.certificate.pop_back();
  CHECK_FALSE(index_row(7, entry).has_value());
  CHECK_FALSE(brief_row(7, entry).has_value());
}

TEST_CASE("the profile is the role, or else the profile, of the event") {
  record::Event event = conformance::event(record::EventKind::kCertificateIssued, "x");
  event.details = {{"issuer", "i"}, {"profile", "tls"}};
  record::WriteSet set;
  set.append(event, certificate_der(numbered(1)));
  CHECK(index_row(0, set.entries.front())->profile == "tls");
}

TEST_CASE("months are counted from 1970 and clamped") {
  CHECK(expiry_month(from_unix(0)) == 0);
  CHECK(expiry_month(from_unix(-5)) == 0);
  CHECK(expiry_month(parse_rfc3339("2026-11-30T23:59:59Z").value()) == 56 * 12 + 10);
  CHECK(expiry_month(parse_rfc3339("9999-12-31T23:59:59Z").value()) == 0xffff);
}

TEST_CASE("serial numbers of Chancery's own form tell their month") {
  const TimePoint time = parse_rfc3339("2026-11-30T23:59:59Z").value();
  CHECK(serial_month(chancery_serial(1, time)) == expiry_month(time));
  CHECK_FALSE(serial_month(Bytes(20, 0x11)).has_value());
  CHECK_FALSE(serial_month(Bytes(18, 0x11)).has_value());
  Bytes serial(19, 0x11);
  CHECK(serial_month(serial) == 0x1111);
  serial[0] = 0;
  CHECK_FALSE(serial_month(serial).has_value());
  serial[0] = 0x80;
  CHECK_FALSE(serial_month(serial).has_value());
}

TEST_CASE("a certificate is found by each of its names once") {
  record::CertificateRow row;
  row.common_name = "A.example";
  row.names = {"b.example", "a.example", "B.example"};
  CHECK(index_names(row) == std::vector<std::string>{"a.example", "b.example"});
}

TEST_CASE("every field of a query must hold") {
  const auto row = index_row(3, issue(numbered(10)).entries.front()).value();
  record::CertificateQuery query;
  CHECK(matches(query, row));
  query.name = "H10.example.com";
  query.name_suffix = ".RARE.test";
  query.not_after_from = row.not_after;
  query.not_after_to = row.not_after + seconds{1};
  CHECK(matches(query, row));
  SUBCASE("name") { query.name = "h1.example.com"; }
  SUBCASE("suffix") { query.name_suffix = ".common.test"; }
  SUBCASE("from") { query.not_after_from = row.not_after + seconds{1}; }
  SUBCASE("to") { query.not_after_to = row.not_after; }
  SUBCASE("scope") { query.scope = record::Scope{"root", "other/"}; }
  SUBCASE("issuer") { query.issuer_id = "other"; }
  SUBCASE("serial") { query.serial = Bytes{1}; }
  SUBCASE("fingerprint") { query.fingerprint = crypto::Sha256{}; }
  CHECK_FALSE(matches(query, row));
}

TEST_CASE("a page says where the next one begins") {
  std::vector<record::CertificateRow> rows(3);
  rows[0].log_index = 9;
  rows[1].log_index = 5;
  rows[2].log_index = 0;
  CHECK_FALSE(page(rows, 4).next.has_value());
  CHECK(page(rows, 2).next == 5);
  CHECK(page(rows, 2).rows.size() == 2);
  CHECK_FALSE(page(rows, 3).next.has_value());  // nothing is below the first row
}

}  // namespace
}  // namespace chancery::storage
