#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "storage/conformance/commit_cases.h"

namespace chancery::storage::conformance {

// What an observer and the tickets see, in the order in which they see it.
class Recorder final : public record::CommitObserver {
 public:
  explicit Recorder(ManagedStore& store) : store_(store) {}
  void committed(std::span<const record::CommittedSet> batch) override {
    const std::scoped_lock lock(mutex_);
    for (const record::CommittedSet& set : batch) {
      observed_.push_back(set.first_index);
      // What was committed can be read already.
      if (store_.log().size() < set.first_index + set.set->entries.size()) ++too_early_;
    }
  }
  void completed(std::uint64_t index) {
    const std::scoped_lock lock(mutex_);
    completed_.push_back(index);
    if (std::ranges::find(observed_, index) == observed_.end()) ++too_early_;
  }
  std::vector<std::uint64_t> observed() const {
    const std::scoped_lock lock(mutex_);
    return observed_;
  }
  std::vector<std::uint64_t> completed() const {
    const std::scoped_lock lock(mutex_);
    return completed_;
  }
  int too_early() const {
    const std::scoped_lock lock(mutex_);
    return too_early_;
  }

 private:
  ManagedStore& store_;
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> observed_;
  std::vector<std::uint64_t> completed_;
  int too_early_ = 0;
};

inline void check_ticket_order(ManagedStore& store) {
  Recorder recorder(store);
  store.committer().observe(recorder);
  std::vector<std::uint64_t> expected;
  for (std::uint32_t n = 0; n < 100; ++n) {
    expected.push_back(n);
    store.committer().submit(issue(numbered(n))).on_complete([&](const Result<Receipt>& result) {
      recorder.completed(result.value().sequence);
    });
  }
  store.stop();
  CHECK(recorder.observed() == expected);
  CHECK(recorder.completed() == expected);
  CHECK(recorder.too_early() == 0);
}

// Doorman keeps the committer in observers, from close() until open().
class Doorman final : public record::CommitObserver {
 public:
  void committed(std::span<const record::CommittedSet>) override {
    if (!closed_.exchange(false)) return;
    inside_.count_down();
    door_.wait();
  }
  void close() { closed_ = true; }
  void wait_inside() { inside_.wait(); }
  void open() { door_.count_down(); }

 private:
  std::atomic<bool> closed_{false};
  std::latch inside_{1};
  std::latch door_{1};
};

// Rows of a batch are handed out when every observer has seen it: here one has not, yet.
inline void check_visible_at_once(ManagedStore& store) {
  Doorman doorman;
  store.committer().observe(doorman);
  WriteSet before = put("changed", "old");
  before.put(key("erased"), to_bytes("old"));
  before.put(key("other", StateKind::kToken), to_bytes("old"));
  (void)commit(store, before).value();
  doorman.close();
  WriteSet set = put("changed", "new");
  set.erase(key("erased"));
  set.put(key("made"), to_bytes("new"));
  set.append(event(EventKind::kRoleWritten, "made"));
  const Ticket ticket = store.committer().submit(std::move(set));
  doorman.wait_inside();

  std::atomic<int> reading{0};
  std::atomic<int> answered{0};
  std::vector<std::thread> readers;
  const auto read = [&](auto&& work) {
    readers.emplace_back([&, work] {
      ++reading;
      CHECK(work());
      ++answered;
    });
  };
  auto& state = store.state();
  read([&] { return state.get(key("changed")).value()->value == to_bytes("new"); });
  read([&] { return !state.get(key("erased")).value(); });
  read([&] { return state.get(key("made")).value().has_value(); });
  read([&] { return state.list(StateKind::kRole, kScope, "", 1).value()[0].version == 2; });
  read([&] { return state.list(StateKind::kRole, kScope, "d", 9).value().size() == 1; });
  read([&] { return store.log().get(0).has_value(); });
  read([&] { return store.log().read(0, 9).value().size() == 1; });
  read([&] { return store.log().read_kind(EventKind::kRoleWritten, 0, 9).value().size() == 1; });
  read([&] { return store.snapshot().value()->log_size() == 1; });
  while (reading < static_cast<int>(readers.size())) std::this_thread::yield();
  // What the batch leaves alone can be read meanwhile.
  CHECK(state.get(key("other", StateKind::kToken)).value().has_value());
  CHECK_FALSE(state.get(key("absent")).value().has_value());
  CHECK(state.list(StateKind::kToken, kScope, "", 9).value().size() == 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // time enough to answer too early
  CHECK(answered == 0);
  doorman.open();
  for (std::thread& reader : readers) reader.join();
  CHECK(ticket.wait(OnLane::outside_server()).has_value());
  store.stop();
}

inline void check_refused_sets_are_not_observed(ManagedStore& store) {
  Recorder recorder(store);
  store.committer().observe(recorder);
  WriteSet refused = put("a", "1");
  refused.preconditions.push_back({Precondition::Test::kPresent, key("a"), 0});
  CHECK_FALSE(commit(store, refused).has_value());
  CHECK(commit(store, put("a", "1")).has_value());
  CHECK(recorder.observed().size() == 1);
}

inline void check_stop(ManagedStore& store) {
  std::vector<Ticket> tickets;
  store.committer().reactor_busy();
  for (std::uint32_t n = 0; n < 10; ++n)
    tickets.push_back(store.committer().submit(issue(numbered(n))));
  store.stop();
  for (const Ticket& ticket : tickets) CHECK(ticket.wait(OnLane::outside_server()).has_value());
  CHECK(commit(store, put("late", "")).error().code == Code::kUnavailable);
  CHECK(store.log().get(9).has_value());
  CHECK(store.index().find_by_serial(kScope, numbered(9).serial).value().has_value());
}

// Many threads write and read their own writes at once: nothing is lost, no index is given twice,
// and what a ticket acknowledged is visible to every kind of read.
inline void check_concurrent_submitters(ManagedStore& store, unsigned sets) {
  constexpr unsigned kThreads = 6;
  std::atomic<unsigned> failures{0};
  std::mutex mutex;
  std::set<std::uint64_t> indexes;
  const auto work = [&](unsigned thread) {
    for (unsigned i = 0; i < sets; ++i) {
      const Sample sample = numbered(thread * sets + i);
      WriteSet set = issue(sample);
      const std::string id = std::to_string(thread) + "-" + std::to_string(i);
      set.put(key(id), to_bytes(id));
      const auto receipt = commit(store, std::move(set));
      const auto found = store.index().find_by_serial(kScope, sample.serial);
      const auto row = store.state().get(key(id));
      const bool good = receipt && found && *found && (*found)->log_index == receipt->sequence &&
                        row && *row && (*row)->value == to_bytes(id) &&
                        store.log().get(receipt->sequence);
      if (!good) ++failures;
      const std::scoped_lock lock(mutex);
      if (!indexes.insert(receipt ? receipt->sequence : 0).second) ++failures;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back(work, t);
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(indexes.size() == kThreads * sets);
  CHECK(store.log().size() == kThreads * sets);
}

// One counter from many threads: optimistic versions, so that exactly one of the rivals wins each
// round.
inline void check_concurrent_conflicts(ManagedStore& store, unsigned rounds) {
  constexpr unsigned kThreads = 4;
  std::atomic<unsigned> wins{0};
  const auto work = [&] {
    for (unsigned i = 0; i < rounds; ++i) {
      const std::uint64_t seen = version(store, "shared");
      WriteSet set = put("shared", "x");
      set.require_version(key("shared"), seen);
      set.append(event(EventKind::kRoleWritten, "shared"));
      if (commit(store, std::move(set))) ++wins;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  CHECK(wins > 0);
  CHECK(version(store, "shared") == wins);
  CHECK(store.log().size() == wins);
}

// 64 requests under way at once on busy reactors share their flushes.
inline void check_batching(ManagedStore& store, unsigned rounds) {
  constexpr unsigned kRequests = 64;
  const auto before = store.statistics();
  for (unsigned round = 0; round < rounds; ++round) {
    store.committer().reactor_busy();
    std::vector<Ticket> tickets;
    for (unsigned i = 0; i < kRequests; ++i) {
      tickets.push_back(store.committer().submit(put(std::to_string(i), "x")));
    }
    store.committer().reactor_idle();
    for (const Ticket& ticket : tickets) CHECK(ticket.wait(OnLane::outside_server()).has_value());
  }
  const auto after = store.statistics();
  const auto sets = after.sets - before.sets;
  const auto flushes = after.flushes - before.flushes;
  CHECK(sets == rounds * kRequests);
  MESSAGE("sets per flush: " << static_cast<double>(sets) / static_cast<double>(flushes));
  CHECK(sets >= 16 * flushes);
}

// Without reactors in hand a lone set does not wait.
inline void check_idle_commits_at_once(ManagedStore& store) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) (void)commit(store, put("a", "x")).value();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  CHECK(store.statistics().flushes == 20);
}

inline void check_snapshot(ManagedStore& store) {
  (void)commit(store, put("b", "1")).value();
  WriteSet set = put("a", "2");
  set.put(key("t", StateKind::kToken, {"root", ""}), to_bytes("3"));
  set.append(event(EventKind::kRoleWritten, "a"));
  (void)commit(store, set).value();
  (void)commit(store, put("a", "2, again")).value();
  const auto snapshot = store.snapshot().value();
  WriteSet later = put("c", "4");
  later.put(key("a"), to_bytes("5"));
  later.erase(key("b"));
  later.append(event(EventKind::kRoleWritten, "c"));
  (void)commit(store, later).value();
  CHECK(snapshot->log_size() == 1);
  std::vector<record::StateRow> rows;
  for (auto page = snapshot->next(2).value(); !page.empty(); page = snapshot->next(2).value()) {
    CHECK(page.size() <= 2);
    rows.insert(rows.end(), page.begin(), page.end());
  }
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].key ==
        key("t", StateKind::kToken, {"root", ""}));  // the scope without a mount first
  CHECK(rows[1].key == key("a"));
  CHECK(rows[1].value == to_bytes("2, again"));
  CHECK(rows[1].version == 2);
  CHECK(rows[2].key == key("b"));
  CHECK(store.snapshot().value()->log_size() == 2);
}

}  // namespace chancery::storage::conformance
