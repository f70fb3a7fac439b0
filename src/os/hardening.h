#pragma once

#include "base/result.h"

namespace chancery::os {

// forbid_core_dumps keeps the process's memory, which holds private keys, from core files and from
// other processes of the same user. Errors: kInternal.
[[nodiscard]] Result<void> forbid_core_dumps();

// forbid_new_programs gives up, for this process and all of its threads and for good, what a server
// that runs has no use for: starting programs or processes, looking into others, loading kernel
// code, changing mounts, users, time, and memory that is both writable and executable
// (docs/decisions/0011). Such a call fails with EPERM. Errors: kUnsupported (the kernel has no
// seccomp filters; no_new_privs holds all the same), kInternal.
[[nodiscard]] Result<void> forbid_new_programs();

}  // namespace chancery::os
