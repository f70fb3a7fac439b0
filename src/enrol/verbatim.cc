#include "enrol/verbatim.h"

#include "base/text.h"

namespace chancery::enrol {

Result<policy::Role> verbatim_role(Roles& roles, const record::Scope& scope,
                                   std::string_view name) {
  policy::Role role;
  role.name = "sign-verbatim";
  role.allow_any_name = true;
  role.require_cn = false;
  role.key_type = policy::RoleKeyType::kAny;
  role.key_bits = 0;
  role.server_flag = false;
  role.client_flag = false;
  if (name.empty()) return role;
  const auto named = TRY(roles.find(scope, name));
  if (!named) {
    return std::unexpected(
        Error{Code::kInvalidArgument, "unknown role: " + printable(name), {}, {}}.with("field",
                                                                                       "role"));
  }
  role.name = named->name;
  role.ttl = named->ttl;
  role.max_ttl = named->max_ttl;
  role.no_store = named->no_store;
  role.not_before_duration = named->not_before_duration;
  role.basic_constraints_valid_for_non_ca = named->basic_constraints_valid_for_non_ca;
  role.issuer_ref = named->issuer_ref;
  return role;
}

}  // namespace chancery::enrol
