#include "policy/profile_fields.h"

#include <algorithm>

namespace chancery::policy {
namespace {

constexpr ProfileField kFields[] = {
    {"extends", &Profile::extends},
    {"description", &Profile::description},
    {"users", &Profile::users},
    {"keys", &Profile::keys},
    {"allowed_common_names", &Profile::allowed_common_names},
    {"ext_key_usage_critical", &Profile::ext_key_usage_critical},
    {"ocsp_urls", &Profile::ocsp_urls},
    {"ca_issuer_urls", &Profile::ca_issuer_urls},
    {"crl_urls", &Profile::crl_urls},
    {"must_staple", &Profile::must_staple},
    {"ocsp_no_check", &Profile::ocsp_no_check},
    {"no_rev_avail", &Profile::no_rev_avail},
    {"custom_extensions", &Profile::custom_extensions},
    {"ca", &Profile::ca},
    {"max_path_length", &Profile::max_path_length},
    {"permitted_names", &Profile::permitted_names},
    {"excluded_names", &Profile::excluded_names},
    {"policy_mappings", &Profile::policy_mappings},
    {"require_explicit_policy", &Profile::require_explicit_policy},
    {"inhibit_policy_mapping", &Profile::inhibit_policy_mapping},
    {"inhibit_any_policy", &Profile::inhibit_any_policy},
    {"lints", &Profile::lints},
};

// What a profile says otherwise (keys, ext_key_usage, ca) or has no use for.
constexpr std::string_view kOnlyRoles[] = {"name",
                                           "key_type",
                                           "key_bits",
                                           "server_flag",
                                           "client_flag",
                                           "code_signing_flag",
                                           "email_protection_flag",
                                           "basic_constraints_valid_for_non_ca",
                                           "generate_lease"};

}  // namespace

std::span<const ProfileField> profile_fields() { return kFields; }

std::span<const RoleField> profile_rule_fields() {
  static const std::vector<RoleField> kRules = [] {
    std::vector<RoleField> fields;
    for (const RoleField& field : role_fields()) {
      if (std::ranges::find(kOnlyRoles, field.name) == std::end(kOnlyRoles)) {
        fields.push_back(field);
      }
    }
    return fields;
  }();
  return kRules;
}

}  // namespace chancery::policy
