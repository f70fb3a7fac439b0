#pragma once

#include "storage/conformance/commit_cases.h"
#include "storage/conformance/file_cases.h"
#include "storage/conformance/index_cases.h"
#include "storage/conformance/order_cases.h"

namespace chancery::storage::conformance {

// check_store is what every engine promises. Call it from one TEST_CASE; each subcase opens its own
// store.
inline void check_store(const StoreUnderTest& subject) {
  const std::unique_ptr<ManagedStore> owned = subject.open();
  ManagedStore& store = *owned;
  SUBCASE("a set is written as a whole") { check_atomicity(store); }
  SUBCASE("versions count writes") { check_versions(store); }
  SUBCASE("counters add up") { check_counters(store); }
  SUBCASE("preconditions decide") { check_preconditions(store); }
  SUBCASE("preconditions see earlier sets of the batch") { check_preconditions_in_batch(store); }
  SUBCASE("a refused set leaves no trace") { check_conflict_leaves_no_trace(store); }
  SUBCASE("list pages in byte order") { check_list(store); }
  SUBCASE("the log reads in pages") { check_log_pages(store); }
  SUBCASE("observers first, tickets in order") { check_ticket_order(store); }
  SUBCASE("a batch is visible at once") { check_visible_at_once(store); }
  SUBCASE("observers hear of durable sets only") { check_refused_sets_are_not_observed(store); }
  SUBCASE("stop drains") { check_stop(store); }
  SUBCASE("concurrent submitters") { check_concurrent_submitters(store, 40 * subject.scale); }
  SUBCASE("concurrent conflicts") { check_concurrent_conflicts(store, 20 * subject.scale); }
  SUBCASE("busy reactors share flushes") { check_batching(store, 4 * subject.scale); }
  SUBCASE("idle reactors do not wait") { check_idle_commits_at_once(store); }
  SUBCASE("index: what a row says") { check_row_content(store); }
  SUBCASE("index: point look-ups") { check_point_lookups(subject, store); }
  SUBCASE("index: foreign serial numbers") { check_foreign_serials(subject, store); }
  SUBCASE("index: search") { check_search(subject, store); }
  SUBCASE("index: search by scope and issuer") { check_search_by_scope(subject, store); }
  SUBCASE("index: list_serials") { check_list_serials(subject, store); }
  SUBCASE("index: entries without certificate") { check_entries_without_certificate(store); }
  SUBCASE("index: rebuild and check") { check_rebuild_and_check(subject, store); }
  SUBCASE("a snapshot is of one commit") { check_snapshot(store); }
  SUBCASE("derived files") { check_derived_files(store); }
  SUBCASE("scratch files") { check_scratch_files(store); }
}

}  // namespace chancery::storage::conformance
