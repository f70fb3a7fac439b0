#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/commit_engine.h"
#include "storage/publication.h"

namespace chancery::storage {

// SetPlan is what one write set does to the state rows: computed in full, preconditions included,
// before anything of it is applied, so that a refused set leaves no trace.
class SetPlan {
 public:
  // make reads every row the set names. Errors: kConflict (a precondition does not hold; names the
  // row), kInvalidArgument (a counter would overflow), kDataLoss; and those of CommitEngine::get.
  // `set` must outlive the plan.
  [[nodiscard]] static Result<SetPlan> make(CommitEngine& engine, const record::WriteSet& set);
  // apply writes the changed rows and adds them to `changes`. Errors: those of the engine.
  [[nodiscard]] Result<void> apply(CommitEngine& engine, std::vector<RowChange>& changes) const;

 private:
  struct Touched {
    const record::StateKey* key = nullptr;
    std::optional<record::StateRow> row;
    bool stored = false;  // whether the engine has it
    bool changed = false;
  };

  [[nodiscard]] Touched* find(const record::StateKey& key);
  [[nodiscard]] Result<Touched*> touch(CommitEngine& engine, const record::StateKey& key);
  [[nodiscard]] static Result<void> change(Touched& touched, const record::StateChange& change);

  std::vector<Touched> rows_;
  std::size_t next_ = 0;  // the row to expect, where the set names rows again in the same order
  bool in_order_ = true;  // each row's key is behind that of the row before it
  // Where the rows of an id are, of the first known_ ones: made when there are many and they are
  // not in order. Views into the set's keys.
  std::unordered_multimap<std::string_view, std::size_t> by_id_;
  std::size_t known_ = 0;
};

// is_refusal tells an error that concerns one set from one that concerns the store.
[[nodiscard]] bool is_refusal(Code code);

}  // namespace chancery::storage
