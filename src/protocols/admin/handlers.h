#pragma once

#include "protocols/admin/call.h"

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

// mount_handlers.cc
http::Response list_mounts(Call& call);
http::Response enable_mount(Call& call);
http::Response tune_mount(Call& call);
http::Response disable_mount(Call& call);

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

// blocked_key_handlers.cc
http::Response list_blocked_keys(Call& call);
http::Response show_blocked_key(Call& call);
http::Response block_key(Call& call);
http::Response unblock_key(Call& call);

// backup_handlers.cc
http::Response stream_backup(Call& call);
http::Response show_restore(Call& call);
http::Response confirm_restore(Call& call);

}  // namespace chancery::admin
