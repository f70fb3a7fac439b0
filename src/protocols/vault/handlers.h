#pragma once

#include "protocols/vault/call.h"

// The handlers of the route table, by file.

namespace chancery::vault {

// role_handlers.cc
http::Response list_roles(Call& call);
http::Response read_role(Call& call);
http::Response write_role(Call& call);
http::Response patch_role(Call& call);
http::Response delete_role(Call& call);

// issue_handlers.cc
http::Response issue(Call& call);
http::Response sign(Call& call);

// certificate_handlers.cc
http::Response list_certificates(Call& call);
http::Response list_certificates_detailed(Call& call);
http::Response list_revoked_certificates(Call& call);
http::Response read_certificate(Call& call);
http::Response read_certificate_der(Call& call);
http::Response read_certificate_pem(Call& call);

// issuer_handlers.cc; where the pattern has no {ref}, the default issuer is meant
http::Response list_issuers(Call& call);
http::Response read_issuer(Call& call);
http::Response read_issuer_json(Call& call);
http::Response read_issuer_der(Call& call);
http::Response read_issuer_pem(Call& call);
http::Response read_ca_json(Call& call);
http::Response read_ca_pem(Call& call);
http::Response read_ca_chain_json(Call& call);
http::Response read_ca_chain(Call& call);

// crl_handlers.cc
http::Response read_crl_der(Call& call);
http::Response read_crl_pem(Call& call);
http::Response read_crl_json(Call& call);
http::Response read_crl_as_certificate(Call& call);
http::Response read_delta_crl_der(Call& call);
http::Response read_delta_crl_pem(Call& call);
http::Response read_delta_crl_json(Call& call);
http::Response read_delta_crl_as_certificate(Call& call);
http::Response ocsp_post(Call& call);
http::Response ocsp_get(Call& call);

// revoke_handler.cc
http::Response revoke(Call& call);
http::Response revoke_with_key(Call& call);

// status_handlers.cc
http::Response read_crl_settings(Call& call);
http::Response write_crl_settings(Call& call);
http::Response rotate_crl(Call& call);
http::Response rotate_delta_crl(Call& call);

// lease_handlers.cc
http::Response lookup_lease(Call& call);
http::Response renew_lease(Call& call);
http::Response revoke_lease(Call& call);
http::Response revoke_leases(Call& call);
http::Response list_leases(Call& call);

// crl_signing_handlers.cc
http::Response resign_crls(Call& call);
http::Response sign_revocation_list(Call& call);

// tidy_handlers.cc
http::Response tidy(Call& call);
http::Response tidy_status(Call& call);
http::Response tidy_cancel(Call& call);
http::Response read_auto_tidy(Call& call);
http::Response write_auto_tidy(Call& call);

// sys_handlers.cc
http::Response sys_health(Call& call);
http::Response sys_seal_status(Call& call);
http::Response sys_leader(Call& call);
http::Response sys_init(Call& call);
http::Response sys_initialize(Call& call);

// policy_handlers.cc
http::Response list_policies(Call& call);
http::Response list_policies_old(Call& call);
http::Response read_policy(Call& call);
http::Response read_policy_old(Call& call);
http::Response write_policy(Call& call);
http::Response delete_policy(Call& call);
http::Response capabilities_self(Call& call);
http::Response capabilities_token(Call& call);
http::Response capabilities_accessor(Call& call);

// token_handlers.cc
http::Response create_token(Call& call);
http::Response lookup_self(Call& call);
http::Response lookup_token(Call& call);
http::Response lookup_accessor(Call& call);
http::Response renew_self(Call& call);
http::Response renew_token(Call& call);
http::Response renew_accessor(Call& call);
http::Response revoke_self(Call& call);
http::Response revoke_token(Call& call);
http::Response revoke_orphan(Call& call);
http::Response revoke_accessor(Call& call);
http::Response tidy_tokens(Call& call);
http::Response list_accessors(Call& call);

// issuer_change_handlers.cc
http::Response update_issuer(Call& call);
http::Response patch_issuer(Call& call);
http::Response delete_issuer(Call& call);
http::Response revoke_issuer(Call& call);
http::Response read_issuers_config(Call& call);
http::Response write_issuers_config(Call& call);
http::Response replace_root(Call& call);
http::Response read_keys_config(Call& call);
http::Response write_keys_config(Call& call);
http::Response read_urls_config(Call& call);
http::Response write_urls_config(Call& call);
http::Response read_cluster_config(Call& call);
http::Response write_cluster_config(Call& call);

// key_handlers.cc
http::Response list_keys(Call& call);
http::Response read_key(Call& call);
http::Response update_key(Call& call);
http::Response delete_key(Call& call);
http::Response generate_internal_key(Call& call);
http::Response generate_exported_key(Call& call);
http::Response generate_kms_key(Call& call);
http::Response import_key(Call& call);

// generate_handlers.cc; {kind} is "internal", "exported" or "existing"
http::Response generate_root(Call& call);
http::Response rotate_root(Call& call);
http::Response generate_intermediate(Call& call);
http::Response cross_sign(Call& call);
http::Response delete_root(Call& call);

// import_handlers.cc
http::Response import_bundle(Call& call);
http::Response import_certificates(Call& call);

// sign_handlers.cc; where the pattern has no {ref}, the default issuer is meant
http::Response sign_intermediate(Call& call);
http::Response sign_verbatim(Call& call);
http::Response sign_self_issued(Call& call);
// mount_handlers.cc
http::Response list_mounts(Call& call);
http::Response read_mount(Call& call);
http::Response enable_mount(Call& call);
http::Response disable_mount(Call& call);
http::Response read_tuning(Call& call);
http::Response write_tuning(Call& call);
http::Response list_auth_mounts(Call& call);
http::Response read_auth_mount(Call& call);
http::Response enable_auth_mount(Call& call);
http::Response disable_auth_mount(Call& call);
http::Response read_auth_tuning(Call& call);
http::Response write_auth_tuning(Call& call);
http::Response remount(Call& call);
http::Response remount_status(Call& call);

// ui_mount_handlers.cc; open, with answers that depend on the token
http::Response ui_mounts(Call& call);
http::Response ui_mount(Call& call);

// host_info_handler.cc
http::Response host_info(Call& call);

// token_role_handlers.cc
http::Response list_token_roles(Call& call);
http::Response read_token_role(Call& call);
http::Response write_token_role(Call& call);
http::Response delete_token_role(Call& call);

// token_handlers.cc
http::Response create_token_by_role(Call& call);

// approle_handlers.cc
http::Response approle_login(Call& call);
http::Response list_approles(Call& call);
http::Response read_approle(Call& call);
http::Response write_approle(Call& call);
http::Response delete_approle(Call& call);
http::Response read_role_id(Call& call);
http::Response write_role_id(Call& call);
http::Response read_approle_field(Call& call);
http::Response write_approle_field(Call& call);
http::Response delete_approle_field(Call& call);

// secret_id_handlers.cc; "secret-id" or "secret-id-accessor" in the path says what is given
http::Response list_secret_ids(Call& call);
http::Response make_secret_id(Call& call);
http::Response make_custom_secret_id(Call& call);
http::Response lookup_secret_id(Call& call);
http::Response destroy_secret_id(Call& call);
http::Response tidy_secret_ids(Call& call);

// userpass_handlers.cc
http::Response userpass_login(Call& call);
http::Response list_users(Call& call);
http::Response read_user(Call& call);
http::Response write_user(Call& call);
http::Response delete_user(Call& call);
http::Response write_user_password(Call& call);
http::Response write_user_policies(Call& call);

// certificate_role_handlers.cc
http::Response certificate_login(Call& call);
http::Response list_certificate_roles(Call& call);
http::Response read_certificate_role(Call& call);
http::Response write_certificate_role(Call& call);
http::Response delete_certificate_role(Call& call);
http::Response read_certificate_config(Call& call);
http::Response write_certificate_config(Call& call);
// certificate_crl_handlers.cc
http::Response list_certificate_crls(Call& call);
http::Response read_certificate_crl(Call& call);
http::Response write_certificate_crl(Call& call);
http::Response delete_certificate_crl(Call& call);

}  // namespace chancery::vault
