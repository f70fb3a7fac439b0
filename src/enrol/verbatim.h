#pragma once

#include <string_view>

#include "enrol/roles.h"

namespace chancery::enrol {

// verbatim_role is what certificates that say just what a request says are issued under: it allows
// everything. With a named role its times count, and whether its certificates are kept; not its
// rules. Errors: kInvalidArgument (no such role).
[[nodiscard]] Result<policy::Role> verbatim_role(Roles& roles, const record::Scope& scope,
                                                 std::string_view name);

}  // namespace chancery::enrol
