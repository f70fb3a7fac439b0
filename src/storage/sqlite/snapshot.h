#pragma once

// Internal to this folder.

#include <memory>
#include <string>

#include "storage/managed_store.h"

namespace chancery::storage::sqlite {

// take_snapshot reads all state rows in one transaction into a spool: a file without a name in
// `directory`, so that the transaction, which keeps the WAL from beginning again, is over before
// anybody waits for a network. Errors: those of reading, kStorageFull.
[[nodiscard]] Result<std::unique_ptr<Snapshot>> take_snapshot(const std::string& main_path,
                                                              const std::string& directory,
                                                              const std::string& vfs);

}  // namespace chancery::storage::sqlite
