#include "storage/sqlite/index_part.h"

#include <limits>
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

Result<EntryReader> IndexPart::open() const {
  const OpenMode mode = segment_ ? OpenMode::kImmutable : OpenMode::kReadOnly;
  Database database = TRY(Database::open(path_, mode));
  sqlite3_busy_timeout(database.handle(), 1000);
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Many segments may be open at once, so each keeps little. No mmap: a failing disk would be a
  // signal.
  TRY(database.execute(segment_ ? "PRAGMA cache_size = -512" : "PRAGMA cache_size = -4096"));
  return EntryReader::make(std::move(database));
}

}  // namespace chancery::storage::sqlite
