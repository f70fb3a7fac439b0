#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backup/archive.h"

namespace chancery::server {

// choose_chain finds a backup and those it continues, the full one first. `until`: "" for the
// newest, digits for a number, else RFC 3339 for the newest that is not after it. Errors:
// kNotFound, kInvalidArgument, kDataLoss (a missing link).
[[nodiscard]] Result<std::vector<backup::BackupFile>> choose_chain(const backup::Archive& archive,
                                                                   const std::string& until);

// NewestCertificate is the last one that a backup holds: what was issued later is not in it.
struct NewestCertificate {
  std::uint64_t log_index = 0;
  TimePoint issued;
  std::string serial;  // hex with colons
  std::string subject;
};

// Findings is what reading a chain has shown.
struct Findings {
  backup::StreamHeader last;  // of the newest backup
  std::size_t backups = 0;
  std::uint64_t log_rows = 0;
  std::uint64_t certificates = 0;
  std::uint64_t state_rows = 0;    // in the newest
  std::uint64_t unknown_rows = 0;  // state rows of a kind that this program does not know
  std::size_t keys = 0;
  std::optional<NewestCertificate> newest;
};

// check_chain reads a chain whole and checks what it holds, not just its bytes: the log is without
// gap from its first row and each backup holds on to the last row of the one before; every event
// and certificate parses and they belong together; every state row decodes; each authority's key is
// there. Items are handed on to `take` when they are good: log rows of all backups, state rows and
// files of the newest only. Errors: kDataLoss and those of reading, naming the backup.
[[nodiscard]] Result<Findings> check_chain(const std::vector<backup::BackupFile>& chain,
                                           backup::Secret& secret,
                                           const backup::StreamDecoder::Take& take);

}  // namespace chancery::server
