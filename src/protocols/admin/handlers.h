#pragma once

#include "protocols/admin/call.h"
#include "protocols/json/field_reader.h"

// The handlers of the route table, by file.

namespace chancery::admin {

// status_handlers.cc
http::Response show_status(Call& call);
http::Response show_openapi(Call& call);

// reload_handler.cc
http::Response reload(Call& call);

// authority_handlers.cc
http::Response list_authorities(Call& call);
http::Response show_authority(Call& call);
// write_authority writes one authority as an object.
void write_authority(json::Writer& out, const ca::Authority& authority);

// role_handlers.cc
http::Response list_roles(Call& call);
http::Response show_role(Call& call);
http::Response write_role(Call& call);
http::Response delete_role(Call& call);

// profile_handlers.cc
http::Response list_profiles(Call& call);
http::Response show_profile(Call& call);
http::Response write_profile(Call& call);
http::Response delete_profile(Call& call);

// hierarchy_handlers.cc
http::Response create_root(Call& call);
http::Response set_default_authority(Call& call);
http::Response list_keys(Call& call);
http::Response show_key(Call& call);
http::Response delete_key(Call& call);

// authority_signing_handlers.cc
http::Response request_authority(Call& call);
http::Response sign_authority(Call& call);
http::Response import_authorities(Call& call);
http::Response explain_authority(Call& call);
http::Response explain_verbatim(Call& call);

// policy_handlers.cc
http::Response list_policies(Call& call);
http::Response show_policy(Call& call);
http::Response write_policy(Call& call);
http::Response delete_policy(Call& call);

// token_handlers.cc
http::Response list_tokens(Call& call);
http::Response create_token(Call& call);
http::Response show_token(Call& call);
http::Response renew_token(Call& call);
http::Response revoke_token(Call& call);

// login_role_handlers.cc
http::Response list_login_roles(Call& call);
http::Response show_login_role(Call& call);
http::Response write_login_role(Call& call);
http::Response delete_login_role(Call& call);
// login_role_path is the path that the rights to a role of an authentication method are about, as
// in Vault's API; with an empty name that of all of them.
std::string login_role_path(const Call& call, std::string_view name);

// secret_id_handlers.cc
http::Response list_secret_ids(Call& call);
http::Response make_secret_id(Call& call);
http::Response destroy_secret_id(Call& call);

// mount_handlers.cc
http::Response list_mounts(Call& call);
http::Response enable_mount(Call& call);
http::Response tune_mount(Call& call);
http::Response disable_mount(Call& call);

// authority_ocsp_handlers.cc
http::Response show_authority_ocsp(Call& call);
http::Response write_authority_ocsp(Call& call);

// crl_handlers.cc
http::Response show_crl_settings(Call& call);
http::Response write_crl_settings(Call& call);
http::Response rotate_crls(Call& call);

// policy_page.cc
http::Response show_policy_page(Call& call);

// issue_handler.cc
http::Response issue_certificate(Call& call);
http::Response explain_certificate(Call& call);

// certificate_handlers.cc
http::Response search_certificates(Call& call);
http::Response show_certificate(Call& call);
http::Response revoke_certificate(Call& call);
http::Response revoke_unknown_certificate(Call& call);
http::Response release_certificate(Call& call);
// read_revocation_wish reads "reason" and "invalidity_date".
ca::RevocationWish read_revocation_wish(json::FieldReader& fields);

// mass_revocation_handlers.cc
http::Response start_mass_revocation(Call& call);
http::Response cancel_mass_revocation(Call& call);
http::Response show_mass_revocation(Call& call);
http::Response list_mass_revocations(Call& call);

// crl_list_handlers.cc
http::Response list_crls(Call& call);
http::Response show_crl(Call& call);
http::Response import_crl(Call& call);

// blocked_key_handlers.cc
http::Response list_blocked_keys(Call& call);
http::Response show_blocked_key(Call& call);
http::Response block_key(Call& call);
http::Response unblock_key(Call& call);
// read_named_key reads the key that a request names by one of spki_sha256, certificate and csr, and
// gives its fingerprint. Errors: kInvalidArgument.
Result<std::string> read_named_key(json::FieldReader& fields);

// acme_handlers.cc
http::Response list_acme_directories(Call& call);
http::Response show_acme_directory(Call& call);
http::Response write_acme_directory(Call& call);
http::Response delete_acme_directory(Call& call);
http::Response list_acme_eabs(Call& call);
http::Response create_acme_eab(Call& call);
http::Response revoke_acme_eab(Call& call);
http::Response list_acme_accounts(Call& call);
http::Response show_acme_account(Call& call);
http::Response deactivate_acme_account(Call& call);
http::Response list_acme_orders(Call& call);
http::Response list_acme_failures(Call& call);
http::Response unpause_acme(Call& call);
http::Response list_acme_renewals(Call& call);
http::Response write_acme_renewal(Call& call);
http::Response delete_acme_renewal(Call& call);

// backup_handlers.cc
http::Response stream_backup(Call& call);
http::Response show_restore(Call& call);
http::Response confirm_restore(Call& call);

}  // namespace chancery::admin
