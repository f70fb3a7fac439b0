#pragma once

#include <string>

#include "backup/archive.h"
#include "base/random.h"
#include "cli/options.h"

namespace chancery::server {

struct NewBackupResult {
  std::string path;
  backup::FileHeader header;
  std::string note;  // why it is a full one although there were others; "" otherwise
};

// download_backup gets the next backup of a directory from the server: an incremental one where the
// newest that is whole can be continued, and a full one otherwise or when `full` asks for it.
// Errors: those of the admin API, of the archive and of files; kDataLoss when the server's history
// is not the one that was backed up.
[[nodiscard]] Result<NewBackupResult> download_backup(const cli::Connection& connection,
                                                      const std::string& directory,
                                                      backup::Secret& secret, bool full,
                                                      Random& random);

}  // namespace chancery::server
