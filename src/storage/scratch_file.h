#pragma once

#include <memory>
#include <string>

#include "record/store.h"

namespace chancery::storage {

// make_scratch_file makes a file without a name in a directory; an empty one: in memory. Errors:
// kStorageFull, kUnavailable.
[[nodiscard]] Result<std::unique_ptr<record::ScratchFile>> make_scratch_file(
    const std::string& directory);

}  // namespace chancery::storage
