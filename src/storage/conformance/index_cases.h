#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>

#include "storage/conformance/commit_cases.h"
#include "storage/index_row.h"

namespace chancery::storage::conformance {

using record::CertificateQuery;
using record::CertificateRow;

// Rows of every stage: the first ones have been put away, the next are on their way, the last are
// fresh.
inline void fill(const StoreUnderTest& subject, ManagedStore& store, std::uint32_t count) {
  for (std::uint32_t third = 0; third < 3; ++third) {
    std::vector<WriteSet> sets;
    for (std::uint32_t n = third * count / 3; n < (third + 1) * count / 3; ++n) {
      sets.push_back(issue(numbered(n)));
    }
    for (const auto& result : commit_all(store, std::move(sets))) REQUIRE(result.has_value());
    if (third < 2) subject.settle(store);
  }
}

inline std::vector<std::uint64_t> find_all(ManagedStore& store, const CertificateQuery& query,
                                           std::size_t limit) {
  std::vector<std::uint64_t> found;
  std::optional<std::uint64_t> before;
  do {
    const auto page = store.index().search(query, before, limit).value();
    CHECK(page.rows.size() <= limit);
    for (const CertificateRow& row : page.rows) {
      if (!found.empty()) CHECK(row.log_index < found.back());
      found.push_back(row.log_index);
    }
    before = page.next;
  } while (before);
  return found;
}

// The n below count, newest first, that pass.
template <class Test>
std::vector<std::uint64_t> expected(std::uint32_t count, Test test) {
  std::vector<std::uint64_t> all;
  for (std::uint32_t n = count; n-- > 0;) {
    if (test(n)) all.push_back(n);
  }
  return all;
}

inline void check_row_content(ManagedStore& store) {
  Sample sample = numbered(3);
  sample.dns = {"MiXed.Example.com", "*.example.com"};
  sample.common_name = "Some One";
  const auto receipt = commit(store, issue(sample)).value();
  const auto row = store.index().find_by_serial(kScope, sample.serial).value().value();
  CHECK(row.log_index == receipt.sequence);
  CHECK(row.scope == kScope);
  CHECK(row.issuer_id == "issuer-1");
  CHECK(row.profile == "web");
  CHECK(row.serial == sample.serial);
  CHECK(row.fingerprint == crypto::sha256(certificate_der(sample)));
  CHECK(row.subject == "CN=Some One");
  CHECK(row.common_name == "Some One");
  CHECK(row.names == std::vector<std::string>{"mixed.example.com", "*.example.com"});
  CHECK(row.key_type == "ECDSA P-256");
  CHECK(row.not_before == sample.not_before);
  CHECK(row.not_after == sample.not_after);
}

inline void check_point_lookups(const StoreUnderTest& subject, ManagedStore& store) {
  constexpr std::uint32_t kCount = 300;
  fill(subject, store, kCount);
  const auto check_all = [&] {
    for (std::uint32_t n = 0; n < kCount; ++n) {
      const Sample sample = numbered(n);
      const auto by_serial = store.index().find_by_serial(kScope, sample.serial).value();
      REQUIRE(by_serial.has_value());
      CHECK(by_serial->log_index == n);
      const auto fingerprint = crypto::sha256(certificate_der(sample));
      const auto by_fingerprint = store.index().find_by_fingerprint(fingerprint).value();
      REQUIRE(by_fingerprint.has_value());
      CHECK(by_fingerprint->serial == sample.serial);
    }
  };
  check_all();
  const record::Scope other{"root", "pki2/"};
  CHECK_FALSE(store.index().find_by_serial(other, numbered(1).serial).value().has_value());
  CHECK_FALSE(store.index().find_by_serial(kScope, numbered(kCount).serial).value().has_value());
  CHECK_FALSE(store.index().find_by_fingerprint({}).value().has_value());
  subject.settle(store);
  check_all();
}

// Serial numbers that others chose: short, twenty octets, and one that looks like Chancery's own
// but names another month than the certificate's.
inline void check_foreign_serials(const StoreUnderTest& subject, ManagedStore& store) {
  std::vector<Bytes> serials = {
      {0x01}, {0x00, 0x80}, Bytes(20, 0x77), chancery_serial(9, day(4000))};
  std::vector<WriteSet> sets;
  for (const Bytes& serial : serials) {
    Sample sample = numbered(1);
    sample.serial = serial;
    sets.push_back(issue(sample));
  }
  for (const auto& result : commit_all(store, sets)) REQUIRE(result.has_value());
  fill(subject, store, 300);
  subject.settle(store);
  for (const Bytes& serial : serials) {
    CHECK(store.index().find_by_serial(kScope, serial).value().has_value());
  }
}

inline void check_search(const StoreUnderTest& subject, ManagedStore& store) {
  constexpr std::uint32_t kCount = 300;
  fill(subject, store, kCount);
  const auto all = [](std::uint32_t) { return true; };
  CHECK(find_all(store, {}, 7) == expected(kCount, all));
  CertificateQuery by_name;
  by_name.name = "h42.EXAMPLE.com";
  CHECK(find_all(store, by_name, 7) == std::vector<std::uint64_t>{42});
  CertificateQuery by_suffix;
  by_suffix.name_suffix = ".rare.test";
  CHECK(find_all(store, by_suffix, 4) == expected(kCount, [](auto n) { return n % 10 == 0; }));
  by_suffix.name_suffix = ".example.com";
  CHECK(find_all(store, by_suffix, 50) == expected(kCount, all));
  by_suffix.name_suffix = "absent.test";
  CHECK(find_all(store, by_suffix, 50).empty());
  CertificateQuery by_expiry;
  by_expiry.not_after_from = numbered(1).not_after;
  by_expiry.not_after_to = numbered(3).not_after;
  const auto in_range = [](auto n) { return n % 4 == 1 || n % 4 == 2; };
  CHECK(find_all(store, by_expiry, 20) == expected(kCount, in_range));
  by_expiry.name_suffix = ".rare.test";
  CHECK(find_all(store, by_expiry, 3) ==
        expected(kCount, [&](auto n) { return in_range(n) && n % 10 == 0; }));
  CertificateQuery by_serial;
  by_serial.serial = numbered(17).serial;
  CHECK(find_all(store, by_serial, 5) == std::vector<std::uint64_t>{17});
  CertificateQuery by_fingerprint;
  by_fingerprint.fingerprint = crypto::sha256(certificate_der(numbered(18)));
  CHECK(find_all(store, by_fingerprint, 5) == std::vector<std::uint64_t>{18});
}

// A brief search finds the same, and says the same of what it promises.
inline void check_brief(ManagedStore& store, CertificateQuery query) {
  const auto full = store.index().search(query, std::nullopt, 1000).value();
  query.brief = true;
  const auto brief = store.index().search(query, std::nullopt, 1000).value();
  CHECK(brief.next == full.next);
  REQUIRE(brief.rows.size() == full.rows.size());
  const auto identity = [](const record::CertificateRow& row) {
    return std::tie(row.log_index, row.scope.tenant, row.scope.mount, row.issuer_id, row.serial,
                    row.fingerprint, row.not_before, row.not_after);
  };
  for (std::size_t i = 0; i < full.rows.size(); ++i)
    CHECK(identity(brief.rows[i]) == identity(full.rows[i]));
}

inline void check_search_by_scope(const StoreUnderTest& subject, ManagedStore& store) {
  const record::Scope other{"tenant", "pki/"};
  std::vector<WriteSet> sets;
  for (std::uint32_t n = 0; n < 90; ++n) {
    sets.push_back(issue(numbered(n), n % 3 == 0 ? other : kScope, n % 2 == 0 ? "even" : "odd"));
  }
  for (const auto& result : commit_all(store, std::move(sets))) REQUIRE(result.has_value());
  const auto check_all = [&] {
    CertificateQuery query;
    query.scope = other;
    CHECK(find_all(store, query, 7) == expected(90, [](auto n) { return n % 3 == 0; }));
    query.issuer_id = "even";
    CHECK(find_all(store, query, 7) == expected(90, [](auto n) { return n % 6 == 0; }));
    check_brief(store, query);
    query.scope.reset();
    CHECK(find_all(store, query, 7) == expected(90, [](auto n) { return n % 2 == 0; }));
    query.name_suffix = ".rare.test";
    check_brief(store, query);
  };
  check_all();
  subject.settle(store);
  check_all();
}

inline void check_list_serials(const StoreUnderTest& subject, ManagedStore& store) {
  constexpr std::uint32_t kCount = 300;
  fill(subject, store, kCount);
  (void)commit(store, issue(numbered(7))).value();  // twice the same serial
  (void)commit(store, issue(numbered(1000), {"root", "other/"})).value();
  std::vector<Bytes> expected_serials;
  for (std::uint32_t n = 0; n < kCount; ++n) expected_serials.push_back(numbered(n).serial);
  std::ranges::sort(expected_serials);
  std::vector<Bytes> listed;
  Bytes after;
  while (true) {
    const auto page = store.index().list_serials(kScope, after, 13).value();
    CHECK(page.size() <= 13);
    if (page.empty()) break;
    listed.insert(listed.end(), page.begin(), page.end());
    after = listed.back();
  }
  CHECK(listed == expected_serials);
}

inline void check_entries_without_certificate(ManagedStore& store) {
  WriteSet no_store;
  no_store.append(event(EventKind::kCertificateIssued, "01:02"));
  WriteSet garbage;
  garbage.append(event(EventKind::kCertificateIssued, "03"), to_bytes("not a certificate"));
  CHECK(commit(store, no_store).has_value());
  CHECK(commit(store, garbage).has_value());
  CHECK(store.log().size() == 2);
  CHECK(find_all(store, {}, 5).empty());
  const auto report = store.check().value();
  CHECK(report.rows == 2);
  CHECK(report.certificates == 0);
  CHECK(report.problems.empty());
}

inline void check_rebuild_and_check(const StoreUnderTest& subject, ManagedStore& store) {
  constexpr std::uint32_t kCount = 300;
  fill(subject, store, kCount);
  const auto good = [&] {
    const auto report = store.check().value();
    CHECK(report.rows == kCount);
    CHECK(report.certificates == kCount);
    for (const std::string& problem : report.problems) MESSAGE(problem);
    CHECK(report.problems.empty());
    CHECK(find_all(store, {}, 100).size() == kCount);
    CHECK(store.index().find_by_serial(kScope, numbered(0).serial).value().has_value());
  };
  good();
  CHECK(store.rebuild_index().has_value());
  good();
  subject.settle(store);
  good();
}

}  // namespace chancery::storage::conformance
