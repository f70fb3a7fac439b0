#pragma once

#include <functional>
#include <vector>

#include "record/event.h"

namespace chancery::ca {

// MountTable says which mounts have authorities that the public may ask about. Thread-safe.
struct MountTable {
  std::function<std::vector<record::Scope>()> all;  // as many steps as there are mounts
  std::function<bool(const record::Scope&)> has;    // one step
};

}  // namespace chancery::ca
