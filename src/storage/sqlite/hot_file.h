#pragma once

// Internal to this folder.

#include <memory>
#include <string>
#include <vector>

#include "storage/row_table.h"
#include "storage/sqlite/index_file.h"

namespace chancery::storage::sqlite {

// HotFile is the growing file of the index, as its one writer sees it. It is written without fsync:
// after a killed process it is whole, after a lost power supply it is worthless, and it knows which
// happened. Not thread-safe.
class HotFile {
 public:
  // create makes a new file that covers log rows from `first` on.
  [[nodiscard]] static Result<std::unique_ptr<HotFile>> create(const std::string& path,
                                                               std::uint64_t first);
  // open takes up an existing one. Errors: kDataLoss when it cannot be trusted.
  [[nodiscard]] static Result<std::unique_ptr<HotFile>> open(const std::string& path);

  // position is the end of the log rows it covers; rows how many certificates it holds.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  // write adds rows and moves the position, both or neither.
  [[nodiscard]] Result<void> write(const std::vector<RowTable::RowPtr>& rows, std::uint64_t end);
  // close makes it durable, so that it can be trusted after a restart of the machine too.
  [[nodiscard]] Result<void> close();

 private:
  explicit HotFile(Database database) : database_(std::move(database)) {}
  [[nodiscard]] Result<void> mark(std::string_view boot);
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<void> write_rows(const std::vector<RowTable::RowPtr>& rows,
                                        std::uint64_t end);

  Database database_;
  EntryWriter writer_;
  Statement move_;
  std::uint64_t position_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace chancery::storage::sqlite
