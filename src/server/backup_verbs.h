#pragma once

#include "cli/options.h"

namespace chancery::server {

// The verbs backup, verify-backup, restore and restore confirm.
[[nodiscard]] cli::Exit run_backup(const cli::BackupOptions& options, const cli::Common& common);
[[nodiscard]] cli::Exit run_verify_backup(const cli::BackupOptions& options,
                                          const cli::Common& common);
[[nodiscard]] cli::Exit run_restore(const cli::RestoreOptions& options, const cli::Common& common);

}  // namespace chancery::server
