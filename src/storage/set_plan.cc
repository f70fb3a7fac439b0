#include "storage/set_plan.h"

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

std::unexpected<Error> conflict(const record::StateKey& key) {
  return std::unexpected(
      Error{Code::kConflict, "another change came first", {}, {}}.with("id", key.id));
}

}  // namespace

bool is_refusal(Code code) {
  return code == Code::kConflict || code == Code::kInvalidArgument || code == Code::kDataLoss;
}

Result<SetPlan::Touched*> SetPlan::touch(CommitEngine& engine, const record::StateKey& key) {
  for (Touched& touched : rows_) {
    if (*touched.key == key) return &touched;
  }
  std::optional<StateRow> row = TRY(engine.get(key));
  rows_.push_back({&key, std::move(row), false});
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
  for (const Precondition& precondition : set.preconditions) {
    const Touched* touched = TRY(plan.touch(engine, precondition.key));
    if (!holds(precondition, touched->row)) return conflict(precondition.key);
  }
  for (const StateChange& change : set.changes) {
    Touched* touched = TRY(plan.touch(engine, change.key));
    TRY(SetPlan::change(*touched, change));
  }
  return plan;
}

Result<void> SetPlan::apply(CommitEngine& engine) const {
  for (const Touched& touched : rows_) {
    if (!touched.changed) continue;
    if (touched.row) {
      TRY(engine.put(*touched.row));
    } else {
      TRY(engine.erase(*touched.key));
    }
  }
  return {};
}

}  // namespace chancery::storage
