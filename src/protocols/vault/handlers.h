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
http::Response sys_mounts(Call& call);
http::Response sys_mount(Call& call);
http::Response sys_mount_tune(Call& call);
http::Response sys_ui_mount(Call& call);

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
http::Response list_accessors(Call& call);

}  // namespace chancery::vault
