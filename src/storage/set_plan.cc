#include "storage/set_plan.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace chancery::storage {
namespace {

using record::Precondition;
using record::StateChange;
using record::StateRow;

bool holds(const Precondition& precondition, const std::optional<StateRow>& row) {
  switch (precondition.test) {
    case Precondition::Test::kAbsent:
      return !row;
    case Precondition::Test::kPresent:
      return row.has_value();
    case Precondition::Test::kVersion:
      // Versions start at 1, so a row that is not there has version 0.
      return (row ? row->version : 0) == static_cast<std::uint64_t>(precondition.operand);
    case Precondition::Test::kCounterAtLeast:
      return (row ? row->counter : 0) >= precondition.operand;
  }
  return false;
}

// Up to so many rows are found faster by looking at each. A page of a mass revocation has
// thousands.
constexpr std::size_t kFewRows = 16;

bool is_before(const record::StateKey& a, const record::StateKey& b) {
  return std::tie(a.kind, a.scope.tenant, a.scope.mount, a.id) <
         std::tie(b.kind, b.scope.tenant, b.scope.mount, b.id);
}

std::unexpected<Error> conflict(const record::StateKey& key) {
  return std::unexpected(
      Error{Code::kConflict, "another change came first", {}, {}}.with("id", key.id));
}

}  // namespace

bool is_refusal(Code code) {
  return code == Code::kConflict || code == Code::kInvalidArgument || code == Code::kDataLoss;
}

// Where a row stands that was touched before. Large sets name their rows in order, first in the
// preconditions and then in the changes, and pay for no table of them.
SetPlan::Touched* SetPlan::find(const record::StateKey& key) {
  if (next_ < rows_.size() && *rows_[next_].key == key) return &rows_[next_++];
  if (rows_.size() < kFewRows) {
    const auto found =
        std::ranges::find_if(rows_, [&](const Touched& touched) { return *touched.key == key; });
    return found == rows_.end() ? nullptr : &*found;
  }
  if (in_order_ && is_before(*rows_.back().key, key)) return nullptr;
  for (; known_ < rows_.size(); ++known_) by_id_.emplace(rows_[known_].key->id, known_);
  const auto [begin, end] = by_id_.equal_range(key.id);
  for (auto it = begin; it != end; ++it) {
    if (*rows_[it->second].key == key) return &rows_[it->second];
  }
  return nullptr;
}

Result<SetPlan::Touched*> SetPlan::touch(CommitEngine& engine, const record::StateKey& key) {
  if (Touched* const known = find(key)) return known;
  std::optional<StateRow> row = TRY(engine.get(key));
  const bool stored = row.has_value();
  in_order_ = in_order_ && (rows_.empty() || is_before(*rows_.back().key, key));
  rows_.push_back({&key, std::move(row), stored, false});
  return &rows_.back();
}

Result<void> SetPlan::change(Touched& touched, const StateChange& change) {
  touched.changed = true;
  if (change.operation == StateChange::Operation::kErase) {
    touched.row.reset();
    return {};
  }
  if (!touched.row) touched.row = StateRow{change.key, {}, 0, 0, change.schema};
  StateRow& row = *touched.row;
  ++row.version;
  if (change.operation == StateChange::Operation::kPut) {
    row.value = change.value;
    row.schema = change.schema;
  } else if (__builtin_add_overflow(row.counter, change.delta, &row.counter)) {
    return fail(Code::kInvalidArgument, "counter overflows");
  }
  return {};
}

Result<SetPlan> SetPlan::make(CommitEngine& engine, const record::WriteSet& set) {
  SetPlan plan;
  plan.rows_.reserve(std::max(set.preconditions.size(), set.changes.size()));
  for (const Precondition& precondition : set.preconditions) {
    const Touched* touched = TRY(plan.touch(engine, precondition.key));
    if (!holds(precondition, touched->row)) return conflict(precondition.key);
  }
  plan.next_ = 0;
  for (const StateChange& change : set.changes) {
    Touched* touched = TRY(plan.touch(engine, change.key));
    TRY(SetPlan::change(*touched, change));
  }
  return plan;
}

Result<void> SetPlan::apply(CommitEngine& engine, std::vector<RowChange>& changes) const {
  for (const Touched& touched : rows_) {
    if (!touched.changed) continue;
    if (touched.row) {
      TRY(engine.put(*touched.row));
      changes.push_back({touched.key, touched.row->version});
    } else if (touched.stored) {
      TRY(engine.erase(*touched.key));
      changes.push_back({touched.key, std::nullopt});
    }
  }
  return {};
}

}  // namespace chancery::storage
