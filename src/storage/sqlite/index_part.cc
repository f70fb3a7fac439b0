#include "storage/sqlite/index_part.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "storage/sqlite/readers.h"

namespace chancery::storage::sqlite {

IndexPart::IndexPart(std::string path, std::optional<Segment> segment, unsigned connections)
    : path_(std::move(path)), segment_(segment) {
  for (unsigned i = 0; i < connections; ++i) slots_.push_back(std::make_unique<Slot>());
}

std::uint64_t IndexPart::last() const {
  return segment_ ? segment_->last : std::numeric_limits<std::uint64_t>::max();
}

std::size_t IndexPart::pick() const { return lane_of_thread() % slots_.size(); }

// A free slot, preferably the thread's own; its own when all are in use.
IndexPart::Slot& IndexPart::lock_slot(std::size_t slot, std::unique_lock<std::mutex>& lock) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& candidate = *slots_[(slot + i) % slots_.size()];
    std::unique_lock attempt(candidate.mutex, std::try_to_lock);
    if (!attempt) continue;
    lock = std::move(attempt);
    return candidate;
  }
  lock.lock();
  return *slots_[slot];
}

Result<bool> IndexPart::may_hold(std::uint64_t filter_key) const {
  if (!segment_) return true;
  if (!filter_known_.load(std::memory_order_acquire)) TRY(load_filter());
  return !filter_ || filter_->may_hold(filter_key);
}

Result<void> IndexPart::load_filter() const {
  const std::scoped_lock lock(filter_mutex_);
  if (filter_known_) return {};
  Database database = TRY(open_file());
  filter_ = TRY(read_filter(database));
  filter_known_.store(true, std::memory_order_release);
  return {};
}

// Many segments may be open at once, so each keeps little: what leads to its leaves.
std::uint64_t IndexPart::cache_kb() const {
  return segment_ ? std::clamp<std::uint64_t>(segment_->rows / 1024, 512, 4096) : 4096;
}

Result<Database> IndexPart::open_file() const {
  return Database::open(path_, segment_ ? OpenMode::kImmutable : OpenMode::kReadOnly);
}

Result<EntryReader> IndexPart::open() const {
  Database database = TRY(open_file());
  sqlite3_busy_timeout(database.handle(), 1000);
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // No mmap: a failing disk would be a signal.
  TRY(database.execute("PRAGMA cache_size = -" + std::to_string(cache_kb())));
  return EntryReader::make(std::move(database));
}

}  // namespace chancery::storage::sqlite
