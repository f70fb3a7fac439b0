#include "protocols/vault/routes.h"

#include <algorithm>

#include "enrol/roles.h"
#include "protocols/vault/handlers.h"

namespace chancery::vault {
namespace {

using access::Action;
using enum Area;
using enum Operation;
using enum Guard;
using enum Reads;

// The busiest come first: they are found first. A literal stands before the variable it would
// match.
constexpr std::array kRoutes{
    Route{kMount, kUpdate, "sign/{role}", kToken, Action::kUpdate, kRows, sign},
    Route{kMount, kUpdate, "issue/{role}", kToken, Action::kUpdate, kRows, issue},
    Route{kMount, kUpdate, "ocsp", kPlain, Action::kRead, kRows, ocsp_post},
    Route{kMount, kRead, "ocsp/{rest...}", kPlain, Action::kRead, kRows, ocsp_get},
    Route{kMount, kUpdate, "revoke", kToken, Action::kUpdate, kRows, revoke},

    Route{kMount, kRead, "crl", kPlain, Action::kRead, kRows, read_crl_der},
    Route{kMount, kRead, "crl/pem", kPlain, Action::kRead, kRows, read_crl_pem},
    Route{kMount, kRead, "ca", kPlain, Action::kRead, kRows, read_issuer_der},
    Route{kMount, kRead, "ca/pem", kPlain, Action::kRead, kRows, read_ca_pem},
    Route{kMount, kRead, "ca_chain", kPlain, Action::kRead, kRows, read_ca_chain},

    Route{kMount, kList, "issuers", kOpen, Action::kList, kMany, list_issuers},
    Route{kMount, kRead, "issuer/{ref}", kToken, Action::kRead, kRows, read_issuer},
    Route{kMount, kRead, "issuer/{ref}/json", kOpen, Action::kRead, kRows, read_issuer_json},
    Route{kMount, kRead, "issuer/{ref}/der", kPlain, Action::kRead, kRows, read_issuer_der},
    Route{kMount, kRead, "issuer/{ref}/pem", kPlain, Action::kRead, kRows, read_issuer_pem},
    Route{kMount, kRead, "issuer/{ref}/crl", kPlain, Action::kRead, kRows, read_crl_json},
    Route{kMount, kRead, "issuer/{ref}/crl/der", kPlain, Action::kRead, kRows, read_crl_der},
    Route{kMount, kRead, "issuer/{ref}/crl/pem", kPlain, Action::kRead, kRows, read_crl_pem},

    Route{kMount, kList, "certs", kToken, Action::kList, kMany, list_certificates},
    Route{kMount, kRead, "cert/ca", kOpen, Action::kRead, kRows, read_ca_json},
    Route{kMount, kRead, "cert/ca/raw", kOpen, Action::kRead, kRows, read_issuer_der},
    Route{kMount, kRead, "cert/ca/raw/pem", kOpen, Action::kRead, kRows, read_ca_pem},
    Route{kMount, kRead, "cert/ca_chain", kOpen, Action::kRead, kRows, read_ca_chain_json},
    Route{kMount, kRead, "cert/crl", kOpen, Action::kRead, kRows, read_crl_as_certificate},
    Route{kMount, kRead, "cert/crl/raw", kOpen, Action::kRead, kRows, read_crl_der},
    Route{kMount, kRead, "cert/crl/raw/pem", kOpen, Action::kRead, kRows, read_crl_pem},
    Route{kMount, kRead, "cert/{serial}", kOpen, Action::kRead, kRows, read_certificate},
    Route{kMount, kRead, "cert/{serial}/raw", kOpen, Action::kRead, kRows, read_certificate_der},
    Route{kMount, kRead, "cert/{serial}/raw/pem", kOpen, Action::kRead, kRows,
          read_certificate_pem},

    Route{kMount, kRead, "crl/delta", kPlain, Action::kRead, kRows, read_delta_crl_der},
    Route{kMount, kRead, "crl/delta/pem", kPlain, Action::kRead, kRows, read_delta_crl_pem},
    Route{kMount, kRead, "crl/rotate", kToken, Action::kRead, kRows, rotate_crl},
    Route{kMount, kRead, "crl/rotate-delta", kToken, Action::kRead, kRows, rotate_delta_crl},
    Route{kMount, kRead, "issuer/{ref}/crl/delta", kPlain, Action::kRead, kRows,
          read_delta_crl_json},
    Route{kMount, kRead, "issuer/{ref}/crl/delta/der", kPlain, Action::kRead, kRows,
          read_delta_crl_der},
    Route{kMount, kRead, "issuer/{ref}/crl/delta/pem", kPlain, Action::kRead, kRows,
          read_delta_crl_pem},
    Route{kMount, kRead, "cert/delta-crl", kOpen, Action::kRead, kRows,
          read_delta_crl_as_certificate},
    Route{kMount, kRead, "cert/delta-crl/raw", kOpen, Action::kRead, kRows, read_delta_crl_der},
    Route{kMount, kRead, "cert/delta-crl/raw/pem", kOpen, Action::kRead, kRows, read_delta_crl_pem},
    Route{kMount, kRead, "config/crl", kToken, Action::kRead, kRows, read_crl_settings},
    Route{kMount, kUpdate, "config/crl", kToken, Action::kUpdate, kRows, write_crl_settings},
    Route{kMount, kUpdate, "revoke-with-key", kToken, Action::kUpdate, kRows, revoke_with_key},
    Route{kMount, kList, "certs/detailed", kToken, Action::kList, kMany,
          list_certificates_detailed},
    Route{kMount, kList, "certs/revoked", kToken, Action::kList, kMany, list_revoked_certificates},
    Route{kMount, kUpdate, "issuer/{ref}/resign-crls", kToken, Action::kUpdate, kRows, resign_crls},
    Route{kMount, kUpdate, "issuer/{ref}/sign-revocation-list", kToken, Action::kUpdate, kRows,
          sign_revocation_list},
    Route{kMount, kUpdate, "tidy", kToken, Action::kUpdate, kRows, tidy},
    Route{kMount, kRead, "tidy-status", kToken, Action::kRead, kRows, tidy_status},
    Route{kMount, kUpdate, "tidy-cancel", kToken, Action::kUpdate, kRows, tidy_cancel},
    Route{kMount, kRead, "config/auto-tidy", kToken, Action::kRead, kRows, read_auto_tidy},
    Route{kMount, kUpdate, "config/auto-tidy", kToken, Action::kUpdate, kRows, write_auto_tidy},

    Route{kMount, kList, "roles", kToken, Action::kList, kMany, list_roles},
    Route{kMount, kRead, "roles/{name}", kToken, Action::kRead, kRows, read_role},
    Route{kMount, kUpdate, "roles/{name}", kToken, Action::kUpdate, kRows, write_role},
    Route{kMount, kPatch, "roles/{name}", kToken, Action::kPatch, kRows, patch_role},
    Route{kMount, kDelete, "roles/{name}", kToken, Action::kDelete, kRows, delete_role},

    Route{kMount, kUpdate, "issuer/{ref}", kToken, Action::kUpdate, kRows, update_issuer},
    Route{kMount, kPatch, "issuer/{ref}", kToken, Action::kPatch, kRows, patch_issuer},
    Route{kMount, kDelete, "issuer/{ref}", kToken, Action::kDelete, kRows, delete_issuer},
    Route{kMount, kUpdate, "issuer/{ref}/revoke", kToken, Action::kUpdate, kRows, revoke_issuer},
    Route{kMount, kUpdate, "issuer/{ref}/issue/{role}", kToken, Action::kUpdate, kRows, issue},
    Route{kMount, kUpdate, "issuer/{ref}/sign/{role}", kToken, Action::kUpdate, kRows, sign},
    Route{kMount, kUpdate, "issuer/{ref}/sign-verbatim", kToken, Action::kUpdate, kRows,
          sign_verbatim},
    Route{kMount, kUpdate, "issuer/{ref}/sign-verbatim/{role}", kToken, Action::kUpdate, kRows,
          sign_verbatim},
    Route{kMount, kUpdate, "issuer/{ref}/sign-intermediate", kToken, Action::kUpdate, kRows,
          sign_intermediate},
    Route{kMount, kUpdate, "issuer/{ref}/sign-self-issued", kToken, Action::kUpdate, kRows,
          sign_self_issued},
    Route{kMount, kUpdate, "sign-verbatim", kToken, Action::kUpdate, kRows, sign_verbatim},
    Route{kMount, kUpdate, "sign-verbatim/{role}", kToken, Action::kUpdate, kRows, sign_verbatim},
    Route{kMount, kUpdate, "root/sign-intermediate", kToken, Action::kUpdate, kRows,
          sign_intermediate},
    Route{kMount, kUpdate, "root/sign-self-issued", kToken, Action::kUpdate, kRows,
          sign_self_issued, true},
    Route{kMount, kUpdate, "root/generate/{kind}", kToken, Action::kUpdate, kRows, generate_root},
    Route{kMount, kUpdate, "root/rotate/{kind}", kToken, Action::kUpdate, kRows, rotate_root},
    Route{kMount, kUpdate, "root/replace", kToken, Action::kUpdate, kRows, replace_root},
    Route{kMount, kDelete, "root", kToken, Action::kDelete, kRows, delete_root, true},
    Route{kMount, kUpdate, "intermediate/generate/{kind}", kToken, Action::kUpdate, kRows,
          generate_intermediate},
    Route{kMount, kUpdate, "intermediate/cross-sign", kToken, Action::kUpdate, kRows, cross_sign},
    Route{kMount, kUpdate, "intermediate/set-signed", kToken, Action::kUpdate, kRows,
          import_certificates},
    Route{kMount, kUpdate, "issuers/generate/root/{kind}", kToken, Action::kUpdate, kRows,
          generate_root},
    Route{kMount, kUpdate, "issuers/generate/intermediate/{kind}", kToken, Action::kUpdate, kRows,
          generate_intermediate},
    Route{kMount, kUpdate, "issuers/import/bundle", kToken, Action::kUpdate, kRows, import_bundle},
    Route{kMount, kUpdate, "issuers/import/cert", kToken, Action::kUpdate, kRows,
          import_certificates},
    Route{kMount, kUpdate, "config/ca", kToken, Action::kUpdate, kRows, import_bundle},
    Route{kMount, kRead, "config/issuers", kToken, Action::kRead, kMany, read_issuers_config},
    Route{kMount, kUpdate, "config/issuers", kToken, Action::kUpdate, kRows, write_issuers_config},
    Route{kMount, kRead, "config/keys", kToken, Action::kRead, kMany, read_keys_config},
    Route{kMount, kUpdate, "config/keys", kToken, Action::kUpdate, kRows, write_keys_config},
    Route{kMount, kRead, "config/urls", kToken, Action::kRead, kRows, read_urls_config},
    Route{kMount, kUpdate, "config/urls", kToken, Action::kUpdate, kRows, write_urls_config},
    Route{kMount, kRead, "config/cluster", kToken, Action::kRead, kRows, read_cluster_config},
    Route{kMount, kUpdate, "config/cluster", kToken, Action::kUpdate, kRows, write_cluster_config},
    Route{kMount, kList, "keys", kToken, Action::kList, kMany, list_keys},
    Route{kMount, kUpdate, "keys/generate/internal", kToken, Action::kUpdate, kRows,
          generate_internal_key},
    Route{kMount, kUpdate, "keys/generate/exported", kToken, Action::kUpdate, kRows,
          generate_exported_key},
    Route{kMount, kUpdate, "keys/generate/kms", kToken, Action::kUpdate, kRows, generate_kms_key},
    Route{kMount, kUpdate, "keys/import", kToken, Action::kUpdate, kRows, import_key},
    Route{kMount, kRead, "key/{ref}", kToken, Action::kRead, kMany, read_key},
    Route{kMount, kUpdate, "key/{ref}", kToken, Action::kUpdate, kRows, update_key},
    Route{kMount, kDelete, "key/{ref}", kToken, Action::kDelete, kRows, delete_key},
    Route{kRoot, kUpdate, "sys/leases/lookup", kToken, Action::kUpdate, kRows, lookup_lease},
    Route{kRoot, kList, "sys/leases/lookup/{rest...}", kToken, Action::kList, kRows, list_leases,
          true},
    Route{kRoot, kUpdate, "sys/leases/renew", kToken, Action::kUpdate, kRows, renew_lease},
    Route{kRoot, kUpdate, "sys/leases/renew/{rest...}", kToken, Action::kUpdate, kRows,
          renew_lease},
    Route{kRoot, kUpdate, "sys/leases/revoke", kToken, Action::kUpdate, kRows, revoke_lease},
    Route{kRoot, kUpdate, "sys/leases/revoke/{rest...}", kToken, Action::kUpdate, kRows,
          revoke_lease},
    Route{kRoot, kUpdate, "sys/leases/revoke-prefix/{rest...}", kToken, Action::kUpdate, kRows,
          revoke_leases, true},

    Route{kRoot, kRead, "sys/health", kPlain, Action::kRead, kNothing, sys_health},
    Route{kRoot, kHead, "sys/health", kPlain, Action::kRead, kNothing, sys_health},
    Route{kRoot, kRead, "sys/seal-status", kOpen, Action::kRead, kNothing, sys_seal_status},
    Route{kRoot, kRead, "sys/leader", kOpen, Action::kRead, kNothing, sys_leader},
    Route{kRoot, kRead, "sys/init", kOpen, Action::kRead, kNothing, sys_init},
    Route{kRoot, kUpdate, "sys/init", kOpen, Action::kUpdate, kNothing, sys_initialize},

    Route{kRoot, kList, "sys/policies/acl", kToken, Action::kList, kMany, list_policies},
    Route{kRoot, kRead, "sys/policies/acl/{rest...}", kToken, Action::kRead, kRows, read_policy},
    Route{kRoot, kUpdate, "sys/policies/acl/{rest...}", kToken, Action::kUpdate, kRows,
          write_policy},
    Route{kRoot, kDelete, "sys/policies/acl/{rest...}", kToken, Action::kDelete, kRows,
          delete_policy},
    Route{kRoot, kRead, "sys/policy", kToken, Action::kRead, kMany, list_policies_old},
    Route{kRoot, kList, "sys/policy", kToken, Action::kList, kMany, list_policies_old},
    Route{kRoot, kRead, "sys/policy/{rest...}", kToken, Action::kRead, kRows, read_policy_old},
    Route{kRoot, kUpdate, "sys/policy/{rest...}", kToken, Action::kUpdate, kRows, write_policy},
    Route{kRoot, kDelete, "sys/policy/{rest...}", kToken, Action::kDelete, kRows, delete_policy},
    Route{kRoot, kUpdate, "sys/capabilities", kToken, Action::kUpdate, kRows, capabilities_token},
    Route{kRoot, kUpdate, "sys/capabilities-self", kToken, Action::kUpdate, kRows,
          capabilities_self},
    Route{kRoot, kUpdate, "sys/capabilities-accessor", kToken, Action::kUpdate, kRows,
          capabilities_accessor},

    Route{kRoot, kUpdate, "auth/token/create", kToken, Action::kUpdate, kRows, create_token},
    Route{kRoot, kUpdate, "auth/token/create-orphan", kToken, Action::kUpdate, kRows, create_token},
    Route{kRoot, kRead, "auth/token/lookup-self", kToken, Action::kRead, kRows, lookup_self},
    Route{kRoot, kUpdate, "auth/token/lookup-self", kToken, Action::kUpdate, kRows, lookup_self},
    Route{kRoot, kRead, "auth/token/lookup", kToken, Action::kRead, kRows, lookup_token},
    Route{kRoot, kUpdate, "auth/token/lookup", kToken, Action::kUpdate, kRows, lookup_token},
    Route{kRoot, kUpdate, "auth/token/lookup-accessor", kToken, Action::kUpdate, kRows,
          lookup_accessor},
    Route{kRoot, kUpdate, "auth/token/renew-self", kToken, Action::kUpdate, kRows, renew_self},
    Route{kRoot, kUpdate, "auth/token/renew", kToken, Action::kUpdate, kRows, renew_token},
    Route{kRoot, kUpdate, "auth/token/renew-accessor", kToken, Action::kUpdate, kRows,
          renew_accessor},
    Route{kRoot, kUpdate, "auth/token/revoke-self", kToken, Action::kUpdate, kRows, revoke_self},
    Route{kRoot, kUpdate, "auth/token/revoke", kToken, Action::kUpdate, kRows, revoke_token},
    Route{kRoot, kUpdate, "auth/token/revoke-orphan", kToken, Action::kUpdate, kRows, revoke_orphan,
          true},
    Route{kRoot, kUpdate, "auth/token/revoke-accessor", kToken, Action::kUpdate, kRows,
          revoke_accessor},
    Route{kRoot, kUpdate, "auth/token/tidy", kToken, Action::kUpdate, kMany, tidy_tokens},
    Route{kRoot, kList, "auth/token/accessors", kToken, Action::kList, kMany, list_accessors, true},

    // Mounts and authentication methods.
    Route{kRoot, kRead, "sys/mounts", kToken, Action::kRead, kMany, list_mounts},
    Route{kRoot, kRead, "sys/mounts/{mount...}/tune", kToken, Action::kRead, kRows, read_tuning},
    Route{kRoot, kUpdate, "sys/mounts/{mount...}/tune", kToken, Action::kUpdate, kRows,
          write_tuning},
    Route{kRoot, kRead, "sys/mounts/{mount...}", kToken, Action::kRead, kRows, read_mount},
    Route{kRoot, kUpdate, "sys/mounts/{mount...}", kToken, Action::kUpdate, kRows, enable_mount},
    Route{kRoot, kDelete, "sys/mounts/{mount...}", kToken, Action::kDelete, kRows, disable_mount},
    Route{kRoot, kUpdate, "sys/remount", kToken, Action::kUpdate, kRows, remount, true},
    Route{kRoot, kRead, "sys/remount/status/{rest...}", kToken, Action::kRead, kRows,
          remount_status},
    Route{kRoot, kRead, "sys/internal/ui/mounts", kOpen, Action::kRead, kMany, ui_mounts},
    Route{kRoot, kRead, "sys/internal/ui/mounts/{rest...}", kOpen, Action::kRead, kRows, ui_mount},
    Route{kRoot, kRead, "sys/auth", kToken, Action::kRead, kMany, list_auth_mounts},
    Route{kRoot, kRead, "sys/auth/{mount...}/tune", kToken, Action::kRead, kRows, read_auth_tuning,
          true},
    Route{kRoot, kUpdate, "sys/auth/{mount...}/tune", kToken, Action::kUpdate, kRows,
          write_auth_tuning, true},
    Route{kRoot, kRead, "sys/auth/{mount...}", kToken, Action::kRead, kRows, read_auth_mount, true},
    Route{kRoot, kUpdate, "sys/auth/{mount...}", kToken, Action::kUpdate, kRows, enable_auth_mount,
          true},
    Route{kRoot, kDelete, "sys/auth/{mount...}", kToken, Action::kDelete, kRows, disable_auth_mount,
          true},
    Route{kRoot, kRead, "sys/host-info", kToken, Action::kRead, kMany, host_info},

    Route{kRoot, kUpdate, "auth/token/create/{name}", kToken, Action::kUpdate, kRows,
          create_token_by_role},
    Route{kRoot, kList, "auth/token/roles", kToken, Action::kList, kMany, list_token_roles},
    Route{kRoot, kRead, "auth/token/roles/{name}", kToken, Action::kRead, kRows, read_token_role},
    Route{kRoot, kUpdate, "auth/token/roles/{name}", kToken, Action::kUpdate, kRows,
          write_token_role},
    Route{kRoot, kDelete, "auth/token/roles/{name}", kToken, Action::kDelete, kRows,
          delete_token_role},

    Route{kAppRole, kUpdate, "login", kOpen, Action::kUpdate, kRows, approle_login},
    Route{kAppRole, kList, "role", kToken, Action::kList, kMany, list_approles},
    Route{kAppRole, kRead, "role/{name}", kToken, Action::kRead, kRows, read_approle},
    Route{kAppRole, kUpdate, "role/{name}", kToken, Action::kUpdate, kRows, write_approle},
    Route{kAppRole, kDelete, "role/{name}", kToken, Action::kDelete, kRows, delete_approle},
    Route{kAppRole, kRead, "role/{name}/role-id", kToken, Action::kRead, kRows, read_role_id},
    Route{kAppRole, kUpdate, "role/{name}/role-id", kToken, Action::kUpdate, kRows, write_role_id},
    Route{kAppRole, kList, "role/{name}/secret-id", kToken, Action::kList, kMany, list_secret_ids},
    Route{kAppRole, kUpdate, "role/{name}/secret-id", kToken, Action::kUpdate, kRows,
          make_secret_id},
    Route{kAppRole, kUpdate, "role/{name}/custom-secret-id", kToken, Action::kUpdate, kRows,
          make_custom_secret_id},
    Route{kAppRole, kUpdate, "role/{name}/secret-id/lookup", kToken, Action::kUpdate, kRows,
          lookup_secret_id},
    Route{kAppRole, kUpdate, "role/{name}/secret-id/destroy", kToken, Action::kUpdate, kRows,
          destroy_secret_id},
    Route{kAppRole, kDelete, "role/{name}/secret-id/destroy", kToken, Action::kDelete, kRows,
          destroy_secret_id},
    Route{kAppRole, kUpdate, "role/{name}/secret-id-accessor/lookup", kToken, Action::kUpdate,
          kRows, lookup_secret_id},
    Route{kAppRole, kUpdate, "role/{name}/secret-id-accessor/destroy", kToken, Action::kUpdate,
          kRows, destroy_secret_id},
    Route{kAppRole, kDelete, "role/{name}/secret-id-accessor/destroy", kToken, Action::kDelete,
          kRows, destroy_secret_id},
    Route{kAppRole, kUpdate, "tidy/secret-id", kToken, Action::kUpdate, kMany, tidy_secret_ids},
    Route{kAppRole, kRead, "role/{name}/policies", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/policies", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/policies", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/secret-id-num-uses", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/secret-id-num-uses", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/secret-id-num-uses", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/secret-id-ttl", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/secret-id-ttl", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/secret-id-ttl", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/secret-id-bound-cidrs", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/secret-id-bound-cidrs", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/secret-id-bound-cidrs", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/token-ttl", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/token-ttl", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/token-ttl", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/token-max-ttl", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/token-max-ttl", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/token-max-ttl", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/token-num-uses", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/token-num-uses", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/token-num-uses", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/token-bound-cidrs", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/token-bound-cidrs", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/token-bound-cidrs", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/period", kToken, Action::kRead, kRows, read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/period", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/period", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/bound-cidr-list", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kAppRole, kUpdate, "role/{name}/bound-cidr-list", kToken, Action::kUpdate, kRows,
          write_approle_field},
    Route{kAppRole, kDelete, "role/{name}/bound-cidr-list", kToken, Action::kDelete, kRows,
          delete_approle_field},
    Route{kAppRole, kRead, "role/{name}/local-secret-ids", kToken, Action::kRead, kRows,
          read_approle_field},
    Route{kUserpass, kUpdate, "login/{name}", kOpen, Action::kUpdate, kRows, userpass_login},
    Route{kUserpass, kList, "users", kToken, Action::kList, kMany, list_users},
    Route{kUserpass, kRead, "users/{name}", kToken, Action::kRead, kRows, read_user},
    Route{kUserpass, kUpdate, "users/{name}", kToken, Action::kUpdate, kRows, write_user},
    Route{kUserpass, kDelete, "users/{name}", kToken, Action::kDelete, kRows, delete_user},
    Route{kUserpass, kUpdate, "users/{name}/password", kToken, Action::kUpdate, kRows,
          write_user_password},
    Route{kUserpass, kUpdate, "users/{name}/policies", kToken, Action::kUpdate, kRows,
          write_user_policies},

    Route{kCertificate, kUpdate, "login", kOpen, Action::kUpdate, kRows, certificate_login},
    Route{kCertificate, kList, "certs", kToken, Action::kList, kMany, list_certificate_roles},
    Route{kCertificate, kRead, "certs/{name}", kToken, Action::kRead, kRows, read_certificate_role},
    Route{kCertificate, kUpdate, "certs/{name}", kToken, Action::kUpdate, kRows,
          write_certificate_role},
    Route{kCertificate, kDelete, "certs/{name}", kToken, Action::kDelete, kRows,
          delete_certificate_role},
    Route{kCertificate, kList, "crls", kToken, Action::kList, kMany, list_certificate_crls},
    Route{kCertificate, kRead, "crls/{name}", kToken, Action::kRead, kMany, read_certificate_crl},
    Route{kCertificate, kUpdate, "crls/{name}", kToken, Action::kUpdate, kRows,
          write_certificate_crl},
    Route{kCertificate, kDelete, "crls/{name}", kToken, Action::kDelete, kRows,
          delete_certificate_crl},
    Route{kCertificate, kRead, "config", kToken, Action::kRead, kRows, read_certificate_config},
    Route{kCertificate, kUpdate, "config", kToken, Action::kUpdate, kRows,
          write_certificate_config},
};

bool is_serial(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '-';
  });
}

// fits says whether a segment can be the value of a variable.
bool fits(std::string_view variable, std::string_view segment) {
  if (segment.empty()) return false;
  if (variable == "role" || variable == "name" || variable == "ref") {
    return enrol::is_role_name(segment);
  }
  if (variable == "mount...") return segment != "tune" && !segment.ends_with("/tune");
  return variable != "serial" || is_serial(segment);
}

bool is_true(std::string_view text) { return text == "true" || text == "1" || text == "True"; }

}  // namespace

std::string_view name(Operation operation) {
  switch (operation) {
    case kRead:
      return "read";
    case kList:
      return "list";
    case kUpdate:
      return "update";
    case kPatch:
      return "patch";
    case kDelete:
      return "delete";
    case kHead:
      return "head";
  }
  return "unknown";
}

std::optional<Operation> operation_of(const http::Request& request) {
  if (request.method == "GET") {
    const auto list = request.query_value("list");
    return list && is_true(*list) ? kList : kRead;
  }
  if (request.method == "POST" || request.method == "PUT") return kUpdate;
  if (request.method == "PATCH") return kPatch;
  if (request.method == "LIST") return kList;
  if (request.method == "DELETE") return kDelete;
  if (request.method == "HEAD") return kHead;
  return std::nullopt;
}

std::string_view prefix(Area area) {
  switch (area) {
    case kMount:
      return "pki/";
    case kRoot:
      return "";
    case kAppRole:
      return "auth/approle/";
    case kUserpass:
      return "auth/userpass/";
    case kCertificate:
      return "auth/cert/";
  }
  return "";
}

std::span<const Route> routes() { return kRoutes; }

std::optional<Variables> match_path(std::string_view pattern, std::string_view path) {
  Variables variables;
  while (!pattern.empty()) {
    if (pattern.front() != '{') {
      if (path.empty() || path.front() != pattern.front()) return std::nullopt;
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      continue;
    }
    const std::size_t end = pattern.find('}');
    const std::string_view variable = pattern.substr(1, end - 1);
    const std::string_view tail = pattern.substr(end + 1);
    std::string_view value = path.substr(0, path.find('/'));
    if (variable.ends_with("...")) {
      if (!path.ends_with(tail)) return std::nullopt;
      value = path.substr(0, path.size() - tail.size());
    }
    if (!fits(variable, value)) return std::nullopt;
    variables.values[variables.count++] = value;
    pattern.remove_prefix(end + 1);
    path.remove_prefix(value.size());
  }
  if (!path.empty()) return std::nullopt;
  return variables;
}

}  // namespace chancery::vault
