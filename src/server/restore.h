#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "server/backup_check.h"

namespace chancery::server {

struct RestoreResult {
  Findings findings;
  std::string new_store_id;
  std::vector<std::string> notes;  // what the operator has to see to
};

// restore makes a node in an empty or absent directory out of a chain of backups, as init lays one
// out: chancery.yaml, root-ca.pem, server/ (store, keys). Everything is checked while it is read
// (check_chain). The new store has an id of its own, an event that tells of the restore, numbers of
// CRLs that the lost node cannot have reached (ca::crl_number_after_restore), and does not sign
// before the restore is confirmed; its index is made and checked. chancery.yaml is written last, so
// a directory without it is a restore that did not finish. Errors: kAlreadyExists (the directory is
// not empty), those of check_chain and of writing.
[[nodiscard]] Result<RestoreResult> restore(const std::vector<backup::BackupFile>& chain,
                                            backup::Secret& secret, const std::string& directory,
                                            const Clock& clock, Random& random, Log& log);

}  // namespace chancery::server
