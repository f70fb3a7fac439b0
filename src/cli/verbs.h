#pragma once

#include "cli/options.h"

// One function a verb, one file a function (or a family).
namespace chancery::cli {

[[nodiscard]] Exit status(const Common& common);
[[nodiscard]] Exit reload(const Common& common);
[[nodiscard]] Exit version(const Common& common);
[[nodiscard]] Exit cert_issue(const IssueOptions& options, const Common& common);
[[nodiscard]] Exit cert_explain(const IssueOptions& options, const Common& common);
[[nodiscard]] Exit cert_show(const ShowOptions& options, const Common& common);
[[nodiscard]] Exit cert_list(const ListOptions& options, const Common& common);
[[nodiscard]] Exit cert_revoke(const RevokeOptions& options, const Common& common);
[[nodiscard]] Exit cert_release(const std::string& serial, const Common& common);
[[nodiscard]] Exit revocation_list(const Common& common);
[[nodiscard]] Exit revocation_show(const std::string& id, const Common& common);
[[nodiscard]] Exit revocation_cancel(const std::string& id, const Common& common);
[[nodiscard]] Exit crl_list(const Common& common);
[[nodiscard]] Exit crl_show(const CrlFileOptions& options, const Common& common);
[[nodiscard]] Exit crl_import(const CrlFileOptions& options, const Common& common);
[[nodiscard]] Exit ocsp_responder(const ResponderOptions& options, const Common& common);
[[nodiscard]] Exit ocsp_query(const OcspOptions& options, const Common& common);
[[nodiscard]] Exit crl_settings(const Common& common);
[[nodiscard]] Exit crl_set(const CrlOptions& options, const Common& common);
[[nodiscard]] Exit crl_rotate(const CrlOptions& options, const Common& common);
[[nodiscard]] Exit ca_list(const Common& common);
[[nodiscard]] Exit ca_show(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit ca_create_root(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit ca_create_intermediate(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit ca_sign(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit ca_import(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit ca_default(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit mount_list(const MountOptions& options, const Common& common);
[[nodiscard]] Exit mount_enable(const MountOptions& options, const Common& common);
[[nodiscard]] Exit mount_tune(const MountOptions& options, const Common& common);
[[nodiscard]] Exit mount_disable(const MountOptions& options, const Common& common);
[[nodiscard]] Exit key_list(const Common& common);
[[nodiscard]] Exit key_show(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit key_delete(const AuthorityOptions& options, const Common& common);
[[nodiscard]] Exit key_block(const BlockedKeyOptions& options, const Common& common);
[[nodiscard]] Exit key_blocked(const Common& common);
[[nodiscard]] Exit key_unblock(const BlockedKeyOptions& options, const Common& common);
[[nodiscard]] Exit csr_create(const CsrCreateOptions& options, const Common& common);
[[nodiscard]] Exit csr_show(const std::string& file, const Common& common);
[[nodiscard]] Exit restore_confirm(bool old_node_is_gone, const Common& common);
[[nodiscard]] Exit apply(const ApplyOptions& options, const Common& common);
[[nodiscard]] Exit get_objects(const ObjectOptions& options, const Common& common);
[[nodiscard]] Exit delete_objects(const ObjectOptions& options, const Common& common);
[[nodiscard]] Exit policy_page(const PolicyPageOptions& options, const Common& common);

}  // namespace chancery::cli
