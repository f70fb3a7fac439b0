#pragma once

// Internal to this folder: making segment files.

#include <map>
#include <string>
#include <vector>

#include "storage/sqlite/index_part.h"

namespace chancery::storage::sqlite {

// RowBatch holds the index entries of a stretch of the log, compactly: a hot file's worth is some
// 50 MB.
class RowBatch {
 public:
  void add(const record::CertificateRow& row);
  void add_entry(const IndexEntry& entry) { entries_.push_back(entry); }
  void add_name(std::string_view name_key, std::uint64_t log_index);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // load adds everything in a hot file.
  [[nodiscard]] Result<void> load(Database& hot);

  struct Name {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::uint64_t log_index = 0;
  };
  struct Month {
    std::vector<IndexEntry> entries;  // in log order
    std::vector<Name> names;          // in order of name and log index
  };
  // by_month cuts the batch up. The names look into the batch.
  [[nodiscard]] std::map<std::uint16_t, Month> by_month();
  [[nodiscard]] std::string_view text(const Name& name) const {
    return std::string_view(arena_).substr(name.offset, name.size);
  }

 private:
  std::vector<IndexEntry> entries_;
  std::vector<Name> names_;
  std::string arena_;
};

// month_name gives "2026-11".
[[nodiscard]] std::string month_name(std::uint16_t month);
// segment_path names a segment's file: <index>/<yyyy-mm>/<first>-<last>.db, numbers in 12 digits.
[[nodiscard]] std::string segment_path(const std::string& index_directory,
                                       const IndexPart::Segment& segment);

// write_segments makes one durable segment for each month of the batch.
// Errors: kStorageFull, kUnavailable.
[[nodiscard]] Result<std::vector<IndexPart::Segment>> write_segments(
    const std::string& index_directory, RowBatch batch);

// merge_segments makes one durable segment out of 2..8 of one month. The old files stay.
[[nodiscard]] Result<IndexPart::Segment> merge_segments(
    const std::string& index_directory, const std::vector<IndexPart::Segment>& segments);

}  // namespace chancery::storage::sqlite
