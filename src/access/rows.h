#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/grant_event.h"
#include "access/row_codec.h"
#include "record/staged.h"
#include "record/state_cache.h"

namespace chancery::access {

// Rows keeps rows of one kind by name in a scope: roles, users. T has a codec (row_codec.h) and the
// numbers kKind, kWritten and kDeleted. Thread-safe. Make it before the store's first commit: it
// registers its cache with the committer.
template <class T>
class Rows {
 public:
  Rows(record::Store& store, const Clock& clock, std::size_t cache_capacity = 8192)
      : store_(store),
        clock_(clock),
        cache_(
            T::kKind, store.state(),
            [](const record::StateRow& row) { return decode_row<T>(row.value); }, cache_capacity) {
    store.committer().observe(cache_);
  }

  [[nodiscard]] static record::StateKey key(const record::Scope& scope, std::string_view name) {
    return {T::kKind, scope, std::string(name)};
  }

  // find returns a row, or null. Errors: kUnavailable, kDataLoss.
  [[nodiscard]] Result<std::shared_ptr<const T>> find(const record::Scope& scope,
                                                      std::string_view name) {
    return cache_.find(key(scope, name));
  }

  // list returns names after `after`, at most `limit`. Not on a reactor.
  [[nodiscard]] Result<std::vector<std::string>> list(const record::Scope& scope,
                                                      std::string_view after,
                                                      std::size_t limit) const {
    auto rows = TRY(store_.state().list(T::kKind, scope, after, limit));
    std::vector<std::string> names;
    for (record::StateRow& row : rows) names.push_back(std::move(row.key.id));
    return names;
  }

  // put stages what `change` makes of the row, or of a new one. `change` may add to what is
  // written. Errors: `change`'s; of two writers one gets kConflict by the commit.
  enum class State : std::uint8_t { kNew, kThere };
  using Change = std::function<Result<void>(T&, State, record::WriteSet&)>;
  [[nodiscard]] Result<record::Staged<T>> put(const Grant& grant, const record::Scope& scope,
                                              std::string_view name, const Change& change,
                                              std::string_view request_id) {
    const record::StateKey row_key = key(scope, name);
    const auto old = TRY(store_.state().get(row_key));
    T row;
    if (old) row = TRY(decode_row<T>(old->value));
    record::WriteSet writes;
    if (old) {
      writes.require_version(row_key, old->version);
    } else {
      writes.require_absent(row_key);
    }
    TRY(change(row, old ? State::kThere : State::kNew, writes));
    writes.append(event(grant, scope, T::kWritten, name, request_id));
    writes.put(row_key, encode_row(row));
    return record::Staged<T>(std::move(row), std::move(writes));
  }

  // erase stages the end of a row; `also` may add to what is written. Of an absent one it stages
  // nothing.
  using Also = std::function<void(const T&, record::WriteSet&)>;
  [[nodiscard]] Result<record::Staged<bool>> erase(const Grant& grant, const record::Scope& scope,
                                                   std::string_view name,
                                                   std::string_view request_id,
                                                   const Also& also = {}) {
    const record::StateKey row_key = key(scope, name);
    const auto old = TRY(store_.state().get(row_key));
    if (!old) return record::Staged<bool>(false, {});
    const T row = TRY(decode_row<T>(old->value));
    record::WriteSet writes;
    writes.require_version(row_key, old->version);
    writes.append(event(grant, scope, T::kDeleted, name, request_id));
    writes.erase(row_key);
    if (also) also(row, writes);
    return record::Staged<bool>(true, std::move(writes));
  }

 private:
  [[nodiscard]] record::Event event(const Grant& grant, const record::Scope& scope,
                                    record::EventKind kind, std::string_view name,
                                    std::string_view request_id) const {
    record::Event event = grant_event(grant, kind, name, request_id, clock_.now());
    event.scope = scope;
    return event;
  }

  record::Store& store_;
  const Clock& clock_;
  record::StateCache<T> cache_;
};

// require_present is the precondition that a row is still there.
inline void require_present(record::WriteSet& writes, record::StateKey key) {
  record::Precondition there;
  there.test = record::Precondition::Test::kPresent;
  there.key = std::move(key);
  writes.preconditions.push_back(std::move(there));
}

}  // namespace chancery::access
