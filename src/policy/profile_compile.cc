#include "policy/profile.h"
#include "policy/profile_extras.h"
#include "policy/refusal.h"
#include "policy/usages.h"

namespace chancery::policy {

Profile::Profile() {
  // Roles allow what Vault's do; a profile begins with nothing.
  rules.allow_localhost = false;
  rules.allow_wildcard_certificates = false;
  rules.allow_ip_sans = false;
  rules.server_flag = false;
  rules.client_flag = false;
  rules.key_type = RoleKeyType::kAny;
  rules.key_bits = 0;
  rules.key_usage = {"DigitalSignature"};
}

Result<CompiledProfile> compile(Role role) {
  CompiledProfile compiled;
  compiled.is_role = true;
  compiled.key_usage = key_usage(role);
  compiled.extended_key_usage = TRY(extended_key_usage(role));
  compiled.policies = TRY(policies(role));
  if (role.basic_constraints_valid_for_non_ca) compiled.basic_constraints.emplace();
  compiled.source.rules = std::move(role);
  return compiled;
}

Result<CompiledProfile> compile(Profile profile) {
  CompiledProfile compiled;
  compiled.keys = TRY(profile_keys(profile));
  compiled.key_usage = key_usage(profile.rules);
  compiled.extended_key_usage = TRY(extended_key_usage(profile.rules));
  compiled.policies = TRY(policies(profile.rules));
  compiled.name_constraints = TRY(name_constraints_of(profile));
  compiled.extras = std::make_shared<const ContentExtras>(TRY(profile_extras(profile)));
  if (profile.ca) {
    compiled.basic_constraints = x509::BasicConstraints{true, std::nullopt};
    if (profile.max_path_length >= 0) {
      compiled.basic_constraints->path_length = static_cast<std::uint32_t>(profile.max_path_length);
    }
  }
  compiled.source = std::move(profile);
  return compiled;
}

}  // namespace chancery::policy
