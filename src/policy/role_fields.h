#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "policy/role.h"

namespace chancery::policy {

// RoleField ties a field's name in the API and in the stored JSON to its place in Role.
struct RoleField {
  using Place =
      std::variant<bool Role::*, unsigned Role::*, seconds Role::*, std::string Role::*,
                   std::vector<std::string> Role::*, RoleKeyType Role::*, NotBeforeBound Role::*>;
  std::string_view name;
  Place place;
};

// role_fields lists every field of Role, "name" first.
[[nodiscard]] std::span<const RoleField> role_fields();

}  // namespace chancery::policy
