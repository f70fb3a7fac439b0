#include "policy/role_fields.h"

#include "policy/refusal.h"

namespace chancery::policy {
namespace {

constexpr RoleField kFields[] = {
    {"name", &Role::name},
    {"issuer_ref", &Role::issuer_ref},
    {"ttl", &Role::ttl},
    {"max_ttl", &Role::max_ttl},
    {"not_before_duration", &Role::not_before_duration},
    {"not_before", &Role::not_before},
    {"not_before_bound", &Role::not_before_bound},
    {"not_after", &Role::not_after},
    {"not_after_bound", &Role::not_after_bound},
    {"allow_localhost", &Role::allow_localhost},
    {"allowed_domains", &Role::allowed_domains},
    {"allow_bare_domains", &Role::allow_bare_domains},
    {"allow_subdomains", &Role::allow_subdomains},
    {"allow_glob_domains", &Role::allow_glob_domains},
    {"allow_wildcard_certificates", &Role::allow_wildcard_certificates},
    {"allow_any_name", &Role::allow_any_name},
    {"enforce_hostnames", &Role::enforce_hostnames},
    {"allow_ip_sans", &Role::allow_ip_sans},
    {"allowed_ip_sans_cidr", &Role::allowed_ip_sans_cidr},
    {"allowed_uri_sans", &Role::allowed_uri_sans},
    {"allowed_other_sans", &Role::allowed_other_sans},
    {"allowed_serial_numbers", &Role::allowed_serial_numbers},
    {"allowed_user_ids", &Role::allowed_user_ids},
    {"require_cn", &Role::require_cn},
    {"cn_validations", &Role::cn_validations},
    {"use_csr_common_name", &Role::use_csr_common_name},
    {"use_csr_sans", &Role::use_csr_sans},
    {"key_type", &Role::key_type},
    {"key_bits", &Role::key_bits},
    {"signature_bits", &Role::signature_bits},
    {"use_pss", &Role::use_pss},
    {"server_flag", &Role::server_flag},
    {"client_flag", &Role::client_flag},
    {"code_signing_flag", &Role::code_signing_flag},
    {"email_protection_flag", &Role::email_protection_flag},
    {"key_usage", &Role::key_usage},
    {"ext_key_usage", &Role::ext_key_usage},
    {"ext_key_usage_oids", &Role::ext_key_usage_oids},
    {"basic_constraints_valid_for_non_ca", &Role::basic_constraints_valid_for_non_ca},
    {"policy_identifiers", &Role::policy_identifiers},
    {"ou", &Role::ou},
    {"organization", &Role::organization},
    {"country", &Role::country},
    {"locality", &Role::locality},
    {"province", &Role::province},
    {"street_address", &Role::street_address},
    {"postal_code", &Role::postal_code},
    {"generate_lease", &Role::generate_lease},
    {"no_store", &Role::no_store},
};

}  // namespace

std::span<const RoleField> role_fields() { return kFields; }

Result<RoleKeyType> parse_role_key_type(std::string_view text) {
  using enum RoleKeyType;
  for (const RoleKeyType type : {kRsa, kEc, kEd25519, kMlDsa, kAny}) {
    if (text == name(type)) return type;
  }
  return invalid("key_type", "key_type", {"unknown key type ", text});
}

Result<NotBeforeBound> parse_not_before_bound(std::string_view text) {
  using enum NotBeforeBound;
  for (const NotBeforeBound bound : {kPermit, kDuration, kForbid}) {
    if (text == name(bound)) return bound;
  }
  return invalid("not_before_bound", "not_before_bound",
                 {"Unknown value for field `not_before_bound`. Possible values are `permit` "
                  "`duration` or `forbid`"});
}

std::string_view name(RoleKeyType type) {
  switch (type) {
    case RoleKeyType::kRsa:
      return "rsa";
    case RoleKeyType::kEc:
      return "ec";
    case RoleKeyType::kEd25519:
      return "ed25519";
    case RoleKeyType::kMlDsa:
      return "mldsa";
    case RoleKeyType::kAny:
      return "any";
  }
  return "";
}

std::string_view name(NotBeforeBound bound) {
  switch (bound) {
    case NotBeforeBound::kPermit:
      return "permit";
    case NotBeforeBound::kDuration:
      return "duration";
    case NotBeforeBound::kForbid:
      return "forbid";
  }
  return "";
}

}  // namespace chancery::policy
