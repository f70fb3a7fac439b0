#pragma once

#include <string>
#include <vector>

#include "access/rows.h"
#include "access/tokens.h"

namespace chancery::access {

// TokenRole is what auth/token/create/:role makes tokens after.
struct TokenRole {
  static constexpr std::int64_t kVersion = 1;
  static constexpr auto kKind = record::StateKind::kTokenRole;
  static constexpr auto kWritten = record::EventKind::kTokenRoleWritten;
  static constexpr auto kDeleted = record::EventKind::kTokenRoleDeleted;

  std::vector<std::string> allowed_policies;
  std::vector<std::string> disallowed_policies;
  std::vector<std::string> allowed_policies_glob;
  std::vector<std::string> disallowed_policies_glob;
  std::vector<std::string> allowed_entity_aliases;
  std::vector<std::string> bound_cidrs;
  bool orphan = false;
  bool renewable = true;
  bool no_default_policy = false;
  std::string path_suffix;
  std::string type = "default-service";
  std::uint32_t num_uses = 0;
  seconds explicit_max_ttl{0};
  seconds period{0};
  std::vector<std::string> old_names;  // fields given by their old names, shown as well

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.allowed_policies);
    visit(self.disallowed_policies);
    visit(self.allowed_policies_glob);
    visit(self.disallowed_policies_glob);
    visit(self.allowed_entity_aliases);
    visit(self.bound_cidrs);
    visit(self.orphan);
    visit(self.renewable);
    visit(self.no_default_policy);
    visit(self.path_suffix);
    visit(self.type);
    visit(self.num_uses);
    visit(self.explicit_max_ttl);
    visit(self.period);
    visit(self.old_names);
  }
};

using TokenRoles = Rows<TokenRole>;

// check refuses a role that makes no sense, in Vault's words. Errors: kInvalidArgument.
[[nodiscard]] Result<void> check(const TokenRole& role);
// apply puts a role's word over an order's, and checks the policies that the order names against
// it; `maker_policies` are given where it names none and the role none either. Errors:
// kInvalidArgument.
[[nodiscard]] Result<void> apply(const TokenRole& role, std::string_view name,
                                 const std::vector<std::string>& maker_policies,
                                 Tokens::Order& order);

}  // namespace chancery::access
