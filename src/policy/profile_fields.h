#pragma once

#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/profile.h"
#include "policy/role_fields.h"

namespace chancery::policy {

// ProfileField ties the name of a field that roles do not have to its place in Profile.
struct ProfileField {
  using Place = std::variant<bool Profile::*, int Profile::*, std::string Profile::*,
                             std::vector<std::string> Profile::*>;
  std::string_view name;
  Place place;
};

// profile_fields lists the fields that roles do not have; profile_rule_fields those of a role that
// profiles have too, "name" not among them.
[[nodiscard]] std::span<const ProfileField> profile_fields();
[[nodiscard]] std::span<const RoleField> profile_rule_fields();

// for_each_field calls visit(name, value) for every field but the name; `profile` may be const.
template <class P, class Visit>
void for_each_field(P& profile, Visit&& visit) {
  for (const ProfileField& field : profile_fields()) {
    std::visit([&](auto place) { visit(field.name, profile.*place); }, field.place);
  }
  for (const RoleField& field : profile_rule_fields()) {
    std::visit([&](auto place) { visit(field.name, profile.rules.*place); }, field.place);
  }
}

}  // namespace chancery::policy
