#pragma once

#include <memory>

#include "base/log.h"
#include "storage/group_committer.h"
#include "storage/managed_store.h"

namespace chancery::storage::memory {

// make_store returns an empty store that keeps everything in memory and forgets it at the end: for
// tests and trial runs. It passes the same conformance suite as the durable engines. `log` must
// outlive it.
[[nodiscard]] std::unique_ptr<ManagedStore> make_store(Log& log, CommitterOptions options = {});

}  // namespace chancery::storage::memory
