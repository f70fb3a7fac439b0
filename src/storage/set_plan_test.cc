#include "storage/set_plan.h"

#include <doctest/doctest.h>

#include <map>

namespace chancery::storage {
namespace {

// Rows by kind and id; nothing of it is written.
class Rows final : public CommitEngine {
 public:
  std::map<std::pair<record::StateKind, std::string>, record::StateRow> rows;
  int reads = 0;
  int erased = 0;

  [[nodiscard]] std::uint64_t log_size() const override { return 0; }
  Result<void> begin() override { return {}; }
  Result<std::optional<record::StateRow>> get(const record::StateKey& key) override {
    ++reads;
    const auto it = rows.find({key.kind, key.id});
    return it == rows.end() ? std::nullopt : std::optional(it->second);
  }
  Result<void> put(const record::StateRow& row) override {
    rows[{row.key.kind, row.key.id}] = row;
    return {};
  }
  Result<void> erase(const record::StateKey& key) override {
    ++erased;
    rows.erase({key.kind, key.id});
    return {};
  }
  Result<void> append(std::uint64_t /*index*/, const record::LogEntry& /*entry*/) override {
    return {};
  }
  Result<void> commit() override { return {}; }
  void rollback() override {}
  void publish(std::uint64_t /*size*/, std::vector<record::LogRow> /*rows*/) override {}
};

TEST_CASE("a set with many rows reads each once and knows two kinds of one id apart") {
  for (const int count : {3, 15, 16, 17, 400}) {
    Rows engine;
    record::WriteSet set;
    const record::Scope scope{"root", "pki/"};
    for (int i = 0; i < count; ++i) {
      for (const auto kind : {record::StateKind::kRevocation, record::StateKind::kHold}) {
        const record::StateKey key{kind, scope, std::to_string(i)};
        set.require_absent(key);
        set.put(key, Bytes{1});
        set.put(key, Bytes{2});
      }
      set.erase({record::StateKind::kHold, scope, std::to_string(i)});
    }
    const auto plan = SetPlan::make(engine, set);
    REQUIRE(plan.has_value());
    CHECK(engine.reads == 2 * count);
    std::vector<RowChange> changes;
    CHECK(plan->apply(engine, changes).has_value());
    CHECK(engine.rows.size() == static_cast<std::size_t>(count));
    CHECK(engine.erased == 0);  // what was never stored
    for (const auto& [key, row] : engine.rows) {
      CHECK(row.key.kind == record::StateKind::kRevocation);
      CHECK(row.version == 2);
      CHECK(row.value == Bytes{2});
    }
    // What is there now refuses the same set.
    CHECK(SetPlan::make(engine, set).error().code == Code::kConflict);
  }
}

TEST_CASE("a plan finds rows that are named in order, in another order, and in none") {
  constexpr int kRows = 100;
  const record::Scope scope{"root", "pki/"};
  const auto key = [&](int i) {
    return record::StateKey{record::StateKind::kRevocation, scope, std::to_string(1000 + i)};
  };
  for (const int step : {1, 99, 37}) {  // forwards, backwards, and all over
    Rows engine;
    record::WriteSet set;
    for (int i = 0; i < kRows; ++i) set.require_absent(key(i));
    for (int i = 1; i <= kRows; ++i) set.put(key(i * step % kRows), Bytes{1});
    set.put(key(kRows), Bytes{1});
    set.require_absent(key(50));
    const auto plan = SetPlan::make(engine, set);
    REQUIRE(plan.has_value());
    CHECK(engine.reads == kRows + 1);
    std::vector<RowChange> changes;
    CHECK(plan->apply(engine, changes).has_value());
    CHECK(engine.rows.size() == kRows + 1);
    for (const auto& [where, row] : engine.rows) CHECK(row.version == 1);
  }
}

}  // namespace
}  // namespace chancery::storage
