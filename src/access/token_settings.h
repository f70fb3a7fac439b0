#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "access/mount.h"
#include "access/tokens.h"

namespace chancery::access {

// TokenSettings is what every authentication method lets its roles say of the tokens they give.
struct TokenSettings {
  std::vector<std::string> policies;
  std::vector<std::string> bound_cidrs;
  seconds ttl{0};      // 0: the mount's default
  seconds max_ttl{0};  // 0: the mount's
  seconds explicit_max_ttl{0};
  seconds period{0};
  std::uint32_t num_uses = 0;
  bool no_default_policy = false;
  bool strictly_bind_ip = false;  // the token works from the address of the login alone
  std::string type = "default";
  // The old names under which settings were given ("policies", "period"): they are shown as well.
  std::vector<std::string> old_names;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.policies);
    visit(self.bound_cidrs);
    visit(self.ttl);
    visit(self.max_ttl);
    visit(self.explicit_max_ttl);
    visit(self.period);
    visit(self.num_uses);
    visit(self.no_default_policy);
    visit(self.strictly_bind_ip);
    visit(self.type);
    visit(self.old_names);
  }
};

// check refuses settings that contradict each other, in Vault's words. Errors: kInvalidArgument.
[[nodiscard]] Result<void> check(const TokenSettings& settings);

// Login is who logs in, where, from where.
struct Login {
  const Mount& mount;
  std::string_view peer_address;
  std::string_view request_id;
};

// login_order is the token that a successful login gives. `name` follows the method in its display
// name ("userpass-bob"); it may be empty.
[[nodiscard]] Tokens::Order login_order(const Login& login, const TokenSettings& settings,
                                        std::string_view name, std::string_view path_below);

}  // namespace chancery::access
