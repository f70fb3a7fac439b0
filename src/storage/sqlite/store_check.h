#pragma once

// Internal to this folder.

#include "storage/sqlite/indexer.h"
#include "storage/sqlite/readers.h"

namespace chancery::storage::sqlite {

// check_store reads every row of main.db and compares the index with the log; see
// record::Store::check. It reads in pages, so commits go on meanwhile. At most 100 problems are
// listed.
[[nodiscard]] Result<record::CheckReport> check_store(const std::string& main_path,
                                                      const SqliteLog& log, Indexer& indexer);

}  // namespace chancery::storage::sqlite
