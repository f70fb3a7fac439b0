#pragma once

// Internal to this folder.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/sqlite/index_file.h"

namespace chancery::storage::sqlite {

// IndexPart is one file of the index as readers see it: a hot file, which may still grow, or a
// segment, which never changes. Connections are opened on first use (which fails when the file was
// replaced meanwhile, see IndexCatalog::read) and stay. Thread-safe.
class IndexPart {
 public:
  struct Segment {
    std::uint16_t month = 0;  // every certificate in it expires in this month
    std::uint64_t first = 0;  // lowest and highest log index in it
    std::uint64_t last = 0;
    std::uint64_t rows = 0;
    // irregular: some serial number in it looks like Chancery's own but names another month.
    bool irregular = false;

    friend bool operator==(const Segment&, const Segment&) = default;
  };

  // A hot file has no Segment. `connections` is how many readers may be in it at once.
  IndexPart(std::string path, std::optional<Segment> segment, unsigned connections);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::optional<Segment>& segment() const { return segment_; }
  // last is a bound on the log indexes in it.
  [[nodiscard]] std::uint64_t last() const;

  // may_hold says whether a file can have a key of key_filter.h: without looking into a segment,
  // unless that is the first question.
  [[nodiscard]] Result<bool> may_hold(std::uint64_t filter_key) const;

  // with runs `use` on an EntryReader that nobody else has meanwhile.
  template <class Use>
  auto with(Use use) const -> decltype(use(std::declval<EntryReader&>())) {
    const std::size_t slot = pick();
    std::unique_lock lock(slots_[slot]->mutex, std::defer_lock);
    Slot& mine = lock_slot(slot, lock);
    if (!mine.reader) {
      Result<EntryReader> reader = open();
      if (!reader) return std::unexpected(std::move(reader).error());
      mine.reader.emplace(*std::move(reader));
    }
    return use(*mine.reader);
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::optional<EntryReader> reader;
  };

  [[nodiscard]] std::size_t pick() const;
  Slot& lock_slot(std::size_t slot, std::unique_lock<std::mutex>& lock) const;
  [[nodiscard]] Result<Database> open_file() const;
  [[nodiscard]] Result<EntryReader> open() const;
  [[nodiscard]] Result<void> load_filter() const;
  [[nodiscard]] std::uint64_t cache_kb() const;

  const std::string path_;
  const std::optional<Segment> segment_;
  mutable std::mutex filter_mutex_;
  mutable std::optional<KeyFilter> filter_;  // stays as it is once it is known
  mutable std::atomic<bool> filter_known_{false};
  std::vector<std::unique_ptr<Slot>> slots_;
};

using IndexPartPtr = std::shared_ptr<const IndexPart>;

}  // namespace chancery::storage::sqlite
