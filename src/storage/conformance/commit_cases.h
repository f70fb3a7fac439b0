#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "storage/conformance/sample.h"

namespace chancery::storage::conformance {

using record::EventKind;
using record::Precondition;
using record::StateChange;
using record::StateKind;
using record::WriteSet;

inline std::uint64_t version(ManagedStore& store, const std::string& id) {
  const auto row = store.state().get(key(id)).value();
  return row ? row->version : 0;
}

inline WriteSet put(const std::string& id, std::string_view value) {
  WriteSet set;
  set.put(key(id), to_bytes(value));
  return set;
}

inline void check_atomicity(ManagedStore& store) {
  WriteSet set = put("web", "v1");
  set.put(key("api"), to_bytes("v2"), 7);
  set.append(event(EventKind::kRoleWritten, "web"));
  add_certificate(set, numbered(1));
  const Receipt receipt = commit(store, set).value();
  CHECK(receipt.sequence == 0);
  CHECK(store.log().size() == 2);
  const auto row = store.state().get(key("api")).value().value();
  CHECK(row.key == key("api"));
  CHECK(row.value == to_bytes("v2"));
  CHECK(row.schema == 7);
  CHECK(row.version == 1);
  CHECK(store.log().get(0).value().entry.event == encode(event(EventKind::kRoleWritten, "web")));
  CHECK(store.log().get(1).value().entry.certificate == certificate_der(numbered(1)));
  CHECK(store.log().get(2).error().code == Code::kNotFound);
  CHECK(commit(store, put("other", "")).value().sequence == 1);  // the newest event before it
  CHECK(store.state().get(key("other")).value().value().value.empty());
}

inline void check_versions(ManagedStore& store) {
  CHECK_FALSE(store.state().get(key("a")).value().has_value());
  (void)commit(store, put("a", "1")).value();
  (void)commit(store, put("a", "2")).value();
  CHECK(version(store, "a") == 2);
  WriteSet twice = put("a", "3");
  twice.put(key("a"), to_bytes("4"));
  (void)commit(store, twice).value();
  CHECK(version(store, "a") == 4);
  WriteSet again;
  again.erase(key("a"));
  (void)commit(store, again).value();
  CHECK(version(store, "a") == 0);
  (void)commit(store, again).value();  // erasing nothing is no error
  (void)commit(store, put("a", "5")).value();
  CHECK(version(store, "a") == 1);
}

inline void check_counters(ManagedStore& store) {
  const record::StateKey counter = key("uses", StateKind::kCounter);
  WriteSet add;
  add.changes.push_back({StateChange::Operation::kAdd, counter, {}, 3, 1});
  (void)commit(store, add).value();
  (void)commit(store, add).value();
  auto row = store.state().get(counter).value().value();
  CHECK(row.counter == 6);
  CHECK(row.version == 2);
  CHECK(row.value.empty());
  WriteSet use;
  use.preconditions.push_back({Precondition::Test::kCounterAtLeast, counter, 4});
  use.changes.push_back({StateChange::Operation::kAdd, counter, {}, -4, 1});
  CHECK(commit(store, use).has_value());
  CHECK(commit(store, use).error().code == Code::kConflict);
  CHECK(store.state().get(counter).value().value().counter == 2);
  WriteSet put_value;
  put_value.put(counter, to_bytes("note"));
  (void)commit(store, put_value).value();
  row = store.state().get(counter).value().value();
  CHECK(row.counter == 2);  // a put leaves the counter
  WriteSet overflow;
  overflow.changes.push_back({StateChange::Operation::kAdd, counter, {}, INT64_MAX, 1});
  CHECK(commit(store, overflow).error().code == Code::kInvalidArgument);
}

inline void check_preconditions(ManagedStore& store) {
  WriteSet create = put("a", "1");
  create.require_absent(key("a"));
  CHECK(commit(store, create).has_value());
  CHECK(commit(store, create).error().code == Code::kConflict);
  WriteSet update = put("a", "2");
  update.require_version(key("a"), 1);
  CHECK(commit(store, update).has_value());
  CHECK(commit(store, update).error().code == Code::kConflict);
  WriteSet present = put("b", "1");
  present.preconditions.push_back({Precondition::Test::kPresent, key("b"), 0});
  CHECK(commit(store, present).error().code == Code::kConflict);
  WriteSet absent = put("b", "1");
  absent.require_version(key("b"), 0);  // version 0: not there
  CHECK(commit(store, absent).has_value());
}

// Sets that wait together are one batch; the later ones see what the earlier ones did.
inline void check_preconditions_in_batch(ManagedStore& store) {
  WriteSet claim = put("order", "mine");
  claim.require_absent(key("order"));
  claim.append(event(EventKind::kRoleWritten, "order"));
  WriteSet next = put("order", "next");
  next.require_version(key("order"), 1);
  store.committer().reactor_busy();
  const auto results = commit_all(store, {claim, claim, next, next});
  store.committer().reactor_idle();
  CHECK(results[0].has_value());
  CHECK(results[1].error().code == Code::kConflict);
  CHECK(results[2].has_value());
  CHECK(results[3].error().code == Code::kConflict);
  CHECK(store.log().size() == 1);
  CHECK(version(store, "order") == 2);
}

inline void check_conflict_leaves_no_trace(ManagedStore& store) {
  (void)commit(store, put("a", "1")).value();
  WriteSet refused = put("b", "1");
  refused.erase(key("a"));
  refused.append(event(EventKind::kRoleWritten, "b"));
  add_certificate(refused, numbered(5));
  refused.require_absent(key("a"));
  WriteSet good = put("c", "1");
  good.append(event(EventKind::kRoleWritten, "c"));
  store.committer().reactor_busy();
  const auto results = commit_all(store, {refused, good, refused});
  store.committer().reactor_idle();
  CHECK_FALSE(results[0].has_value());
  CHECK(results[1].value().sequence == 0);
  CHECK(version(store, "a") == 1);
  CHECK(version(store, "b") == 0);
  CHECK(version(store, "c") == 1);
  CHECK(store.log().size() == 1);
  CHECK_FALSE(store.index().find_by_serial(kScope, numbered(5).serial).value().has_value());
}

inline void check_list(ManagedStore& store) {
  std::vector<std::string> ids = {"a", "B", "\xc3\xa9", "a/b", "a.b", "z", "~", "10", "9"};
  WriteSet set;
  for (const std::string& id : ids) set.put(key(id), to_bytes(id));
  set.put(key("other kind", StateKind::kToken), {});
  set.put(key("other mount", StateKind::kRole, {"root", "pki2/"}), {});
  set.put(key("other tenant", StateKind::kRole, {"t2", "pki/"}), {});
  (void)commit(store, set).value();
  std::ranges::sort(ids, [](const std::string& a, const std::string& b) {
    return std::ranges::lexicographical_compare(as_bytes(a), as_bytes(b));
  });
  std::vector<std::string> listed;
  std::string after;
  while (true) {
    const auto page = store.state().list(StateKind::kRole, kScope, after, 4).value();
    CHECK(page.size() <= 4);
    if (page.empty()) break;
    for (const auto& row : page) {
      CHECK(row.value == to_bytes(row.key.id));
      listed.push_back(row.key.id);
    }
    after = listed.back();
  }
  CHECK(listed == ids);
}

inline void check_log_pages(ManagedStore& store) {
  std::vector<WriteSet> sets;
  for (std::uint32_t n = 0; n < 50; ++n) {
    WriteSet set = issue(numbered(n));
    if (n % 5 == 0) set.append(event(EventKind::kCertificateRevoked, std::to_string(n)));
    sets.push_back(std::move(set));
  }
  for (const auto& result : commit_all(store, std::move(sets))) CHECK(result.has_value());
  CHECK(store.log().size() == 60);
  const auto page = store.log().read(55, 100).value();
  REQUIRE(page.size() == 5);
  CHECK(page.front().index == 55);
  CHECK(store.log().read(60, 10).value().empty());
  std::vector<std::string> revoked;
  std::uint64_t first = 0;
  while (true) {
    const auto rows = store.log().read_kind(EventKind::kCertificateRevoked, first, 3).value();
    if (rows.empty()) break;
    for (const auto& row : rows) {
      CHECK(row.entry.kind == EventKind::kCertificateRevoked);
      revoked.push_back(record::decode(row.entry.event).value().subject);
      first = row.index + 1;
    }
  }
  CHECK(revoked ==
        std::vector<std::string>{"0", "5", "10", "15", "20", "25", "30", "35", "40", "45"});
  CHECK_FALSE(store.log().read_kind(EventKind::kCertificateIssued, 0, 3).has_value());
}

}  // namespace chancery::storage::conformance
