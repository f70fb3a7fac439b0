#pragma once

#include <string>
#include <vector>

#include "cli/declare.h"
#include "cli/options.h"

namespace chancery::cli {

struct AccessOptions {
  std::string name;      // of a policy, a role or a user
  std::string file;      // a policy's text; "-": standard input
  std::string accessor;  // of a token or a secret
  std::string method;    // where an authentication method stands

  std::vector<std::string> fields;  // "token_ttl=1h"
  std::string password_file;
  bool password = false;

  std::vector<std::string> policies;
  std::vector<std::string> metadata;
  std::string display_name;
  std::string ttl;
  std::string max_ttl;
  std::string period;
  std::string increment;
  unsigned uses = 0;
  bool orphan = false;
  bool not_renewable = false;
};

// add_access declares the verbs of policies below `policy`, those of roles, users and secrets below
// `auth`, and those of tokens below `root`.
void add_access(CLI::App& root, CLI::App& policy, CLI::App& auth, AccessOptions& o, Common& common,
                const Bind& on);

[[nodiscard]] Exit policy_list(const Common& common);
[[nodiscard]] Exit policy_show(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit policy_write(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit policy_delete(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit token_list(const Common& common);
[[nodiscard]] Exit token_create(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit token_show(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit token_renew(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit token_revoke(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit auth_role_list(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit auth_role_show(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit auth_role_write(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit auth_role_delete(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit secret_id_list(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit secret_id_create(const AccessOptions& options, const Common& common);
[[nodiscard]] Exit secret_id_destroy(const AccessOptions& options, const Common& common);

}  // namespace chancery::cli
