#include "access/no_root.h"

#include <algorithm>

#include "access/policy.h"
#include "base/text.h"

namespace chancery::access {

Result<void> no_root(const TokenSettings& settings) {
  const bool root = std::ranges::any_of(settings.policies, [](const std::string& policy) {
    return to_lower(trim(policy)) == kRootPolicy;
  });
  if (!root) return {};
  return std::unexpected(
      Error{Code::kInvalidArgument, "auth methods cannot create root tokens", {}, {}}.with(
          "field", "token_policies"));
}

}  // namespace chancery::access
