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

}  // namespace
}  // namespace chancery::storage
