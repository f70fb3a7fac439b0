#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/log.h"
#include "storage/group_committer.h"
#include "storage/managed_store.h"

namespace chancery::storage::sqlite {

struct Options {
  CommitterOptions committer;
  std::uint64_t hot_rows = 262'144;  // newest certificates kept in one growing index file
  std::size_t tail_limit = 65'536;   // rows not yet indexed beyond which commits are pushed back
  std::chrono::milliseconds index_delay{500};  // longest time that rows wait to be indexed together
  std::uint64_t reserve_size = 8 * 1024 * 1024;  // space kept for revocations on a full disk
  unsigned readers = 8;                          // connections for reading
  std::string vfs;                               // an SQLite VFS for main.db; for fault tests
};

// open takes a directory (made when absent, mode 0700) for this process alone and returns the store
// in it. Its cost does not depend on how much is stored. main.db holds log and state; index/ and
// derived/ can be lost and are made again. `log` must outlive the store. Thread-safe once open.
// Errors: kUnavailable (in use, naming the process; I/O), kPermissionDenied, kStorageFull,
// kUnsupported (written by a newer version), kDataLoss (not a store, or damaged).
[[nodiscard]] Result<std::unique_ptr<ManagedStore>> open(const std::string& directory,
                                                         const Options& options, Log& log);

// make_loader makes a new store in a directory that holds none; nobody else may use it meanwhile.
// Errors: kAlreadyExists, and those of open.
[[nodiscard]] Result<std::unique_ptr<Loader>> make_loader(const std::string& directory);

}  // namespace chancery::storage::sqlite
