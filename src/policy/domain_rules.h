#pragma once

#include <string_view>

#include "policy/role.h"

// Which host names and e-mail addresses a role allows. Internal to this folder.
namespace chancery::policy {

// refusing_rule returns the name of the role's field that forbids `name` (a host name, or an e-mail
// address when it has an '@'), or "" when the role allows it.
[[nodiscard]] std::string_view refusing_rule(const Role& role, std::string_view name);

// refusing_rule_for_common_name also looks at cn_validations, which may switch the other rules off.
[[nodiscard]] std::string_view refusing_rule_for_common_name(const Role& role,
                                                             std::string_view name);

}  // namespace chancery::policy
