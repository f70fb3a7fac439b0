#pragma once

#include <string>
#include <string_view>

#include "access/mounts.h"
#include "protocols/admin/call.h"
#include "protocols/json/field_reader.h"

namespace chancery::admin {

// method_of finds the authentication method that a request names by its path ("approle",
// "team/ci"). Errors: kNotFound.
[[nodiscard]] Result<access::Mounts::Entry> method_of(const Call& call, json::FieldReader& fields);

// no_login_role is the error about a role, or a user, that is not there.
[[nodiscard]] Error no_login_role(std::string_view name);

}  // namespace chancery::admin
