#include "access/principal.h"

#include "access/acl.h"

namespace chancery::access {

std::string_view name(Action action) {
  switch (action) {
    case Action::kCreate:
      return "create";
    case Action::kRead:
      return "read";
    case Action::kUpdate:
      return "update";
    case Action::kPatch:
      return "patch";
    case Action::kDelete:
      return "delete";
    case Action::kList:
      return "list";
    case Action::kScan:
      return "scan";
    case Action::kSudo:
      return "sudo";
  }
  return "unknown";
}

Result<Grant> allow(const Principal& principal, Action action, const Resource& resource) {
  const bool allowed = principal.acl != nullptr && principal.acl->allows(action, resource);
  if (!allowed || principal.tenant != resource.scope.tenant) {
    return std::unexpected(Error{Code::kPermissionDenied, "permission denied", {}, {}}
                               .with("action", name(action))
                               .with("path", resource.path));
  }
  return Grant("token:" + principal.display_name, resource.scope);
}

Grant local_operator(const record::Scope& scope) { return Grant("operator", scope); }

Grant system_grant(const record::Scope& scope) { return Grant(std::string(kSystemActor), scope); }

}  // namespace chancery::access
