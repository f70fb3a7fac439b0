#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "record/store.h"

namespace chancery::record {

// cache_key is a StateKey as one string, unique and cheap to hash.
[[nodiscard]] std::string cache_key(const StateKey& key);

// StateCache holds decoded state rows of one kind: roles, tokens, authorities. The committer drops
// what a commit changes before the commit's tickets complete, so whoever saw an answer sees its
// effect in the next request. Filled on demand; at most `capacity` rows, the least recently used go
// first; absent rows are not remembered. Thread-safe.
template <class T>
class StateCache final : public CommitObserver {
 public:
  using Decode = std::function<Result<T>(const StateRow&)>;

  StateCache(StateKind kind, const StateReader& reader, Decode decode, std::size_t capacity)
      : kind_(kind), reader_(reader), decode_(std::move(decode)), capacity_(capacity) {}

  // find returns the decoded row, or null when there is none. Errors: those of the reader and of
  // decode.
  [[nodiscard]] Result<std::shared_ptr<const T>> find(const StateKey& key) {
    const std::string name = cache_key(key);
    std::uint64_t generation = 0;
    {
      const std::scoped_lock lock(mutex_);
      if (const auto it = map_.find(name); it != map_.end()) {
        order_.splice(order_.begin(), order_, it->second);
        return it->second->second;
      }
      generation = generation_;
    }
    const auto row = TRY(reader_.get(key));
    if (!row) return std::shared_ptr<const T>{};
    auto decoded = TRY(decode_(*row));
    auto value = std::make_shared<const T>(std::move(decoded));
    remember(name, value, generation);
    return value;
  }

  void committed(std::span<const CommittedSet> batch) override {
    const std::scoped_lock lock(mutex_);
    for (const CommittedSet& committed : batch) {
      for (const StateChange& change : committed.set->changes) {
        if (change.key.kind != kind_) continue;
        ++generation_;
        if (const auto it = map_.find(cache_key(change.key)); it != map_.end()) {
          order_.erase(it->second);
          map_.erase(it);
        }
      }
    }
  }

 private:
  using Entry = std::pair<std::string, std::shared_ptr<const T>>;

  void remember(const std::string& name, std::shared_ptr<const T> value, std::uint64_t generation) {
    const std::scoped_lock lock(mutex_);
    // A commit of this kind came between the read and now: the row may be the old one.
    if (generation != generation_ || map_.contains(name)) return;
    order_.emplace_front(name, std::move(value));
    map_.emplace(name, order_.begin());
    if (map_.size() > capacity_) {
      map_.erase(order_.back().first);
      order_.pop_back();
    }
  }

  const StateKind kind_;
  const StateReader& reader_;
  const Decode decode_;
  const std::size_t capacity_;

  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::list<Entry> order_;  // most recently used first
  std::unordered_map<std::string, typename std::list<Entry>::iterator> map_;
};

}  // namespace chancery::record
