#pragma once

#include "access/mounts.h"
#include "enrol/roles.h"

namespace chancery::enrol {

// limits_of makes the bounds that a mount's own settings put on its roles; `mounts` must outlive
// it.
[[nodiscard]] inline Roles::LimitsOf limits_of(const access::Mounts& mounts) {
  return [&mounts](const record::Scope& scope) {
    const auto limits = mounts.ttl_limits(scope.mount);
    return policy::Limits{limits.default_ttl, limits.max_ttl};
  };
}

}  // namespace chancery::enrol
