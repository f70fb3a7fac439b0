#include "storage/publication.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "storage/query.h"

namespace chancery::storage {
namespace {

using record::StateRow;

// Far longer than it ever takes: past it somebody waits for a lock that the reader has.
constexpr std::chrono::seconds kLongest{10};

// made_by: whether what was found under the key of a change is what the change made.
bool made_by(const RowChange& change, const StateRow* found) {
  if (found == nullptr) return !change.version;
  return change.version == found->version;
}

}  // namespace

void Publication::begin(std::vector<RowChange> changes, std::uint64_t first_index) {
  const std::unique_lock lock(mutex_);
  changes_ = std::move(changes);
  first_index_ = first_index;
  ++batch_;
  under_way_.store(true);
}

void Publication::end() {
  // First, so that readers who come now leave the lock alone: it lets readers pass before writers.
  under_way_.store(false);
  {
    const std::unique_lock lock(mutex_);
    changes_.clear();
  }
  ended_.notify_all();
}

Result<void> Publication::await_row(const record::StateKey& key,
                                    const std::optional<StateRow>& row) const {
  if (!under_way_.load()) return {};
  Lock lock(mutex_);
  // A batch that changes a row twice is seen as its last change left it.
  const auto last = std::find_if(changes_.rbegin(), changes_.rend(),
                                 [&](const RowChange& change) { return *change.key == key; });
  if (last == changes_.rend() || !made_by(*last, row ? &*row : nullptr)) return {};
  return wait(lock);
}

Result<void> Publication::await_page(record::StateKind kind, const record::Scope& scope,
                                     std::string_view after, std::size_t limit,
                                     std::span<const StateRow> rows) const {
  if (!under_way_.load()) return {};
  const bool to_the_end = rows.size() < clamp_limit(limit);
  const auto id_of = [](const StateRow& row) { return std::string_view(row.key.id); };
  Lock lock(mutex_);
  // One change that shows says that all do: a page is read in one transaction.
  const bool shows = std::ranges::any_of(changes_, [&](const RowChange& change) {
    const record::StateKey& key = *change.key;
    if (key.kind != kind || key.scope != scope || key.id <= after) return false;
    if (!to_the_end && key.id > rows.back().key.id) return false;
    const auto at = std::ranges::lower_bound(rows, std::string_view(key.id), {}, id_of);
    const bool found = at != rows.end() && at->key.id == key.id;
    return made_by(change, found ? &*at : nullptr);
  });
  return shows ? wait(lock) : Result<void>{};
}

Result<void> Publication::await_log(std::uint64_t end) const {
  if (!under_way_.load()) return {};
  Lock lock(mutex_);
  if (!under_way_.load() || end <= first_index_) return {};
  return wait(lock);
}

Result<void> Publication::wait(Lock& lock) const {
  const std::uint64_t batch = batch_;
  const auto ended = [&] { return !under_way_.load() || batch_ != batch; };
  if (ended_.wait_for(lock, kLongest, ended)) return {};
  return fail(Code::kUnavailable, "the store has not published a commit for ten seconds");
}

}  // namespace chancery::storage
