#include "protocols/admin/routes.h"

#include "protocols/admin/handlers.h"

namespace chancery::admin {
namespace {

using access::Action;
using enum Guard;
using enum Reads;

std::string in_mount(const Call& call, std::string_view path) {
  return call.scope().mount + std::string(path);
}

std::string status(const Call&) { return "sys/status"; }
std::string reloading(const Call&) { return "sys/reload"; }
std::string nothing(const Call&) { return {}; }
std::string authorities(const Call& call) { return in_mount(call, "issuers"); }
std::string authority(const Call& call) {
  return in_mount(call, "issuer/") + std::string(call.variables[0]);
}
std::string new_root(const Call& call) { return in_mount(call, "root/generate/internal"); }
std::string default_authority(const Call& call) { return in_mount(call, "config/issuers"); }
std::string keys(const Call& call) { return in_mount(call, "keys"); }
std::string key(const Call& call) {
  return in_mount(call, "key/") + std::string(call.variables[0]);
}
// The path that a body names, as the Vault API has it.
std::string named_path(const Call& call) {
  const json::Value* path = call.body.find("path");
  std::string text = path == nullptr ? std::string{} : path->text;
  while (text.ends_with('/')) text.pop_back();
  return text;
}
std::string mounts(const Call&) { return "sys/mounts"; }
std::string one_mount(const Call& call) { return "sys/mounts/" + named_path(call); }
std::string one_mount_tune(const Call& call) { return one_mount(call) + "/tune"; }
std::string auth_methods(const Call&) { return "sys/auth"; }
std::string one_auth_method(const Call& call) { return "sys/auth/" + named_path(call); }
std::string one_auth_method_tune(const Call& call) { return one_auth_method(call) + "/tune"; }
std::string roles_list(const Call& call) { return in_mount(call, "roles"); }
std::string role(const Call& call) {
  return in_mount(call, "roles/") + std::string(call.variables[0]);
}
std::string certificates(const Call& call) { return in_mount(call, "certs"); }
std::string certificate(const Call& call) {
  return in_mount(call, "cert/") + std::string(call.variables[0]);
}
std::string new_request(const Call& call) {
  const bool existing = call.body.find("key") != nullptr;
  return in_mount(call, existing ? "intermediate/cross-sign" : "intermediate/generate/internal");
}
std::string authority_signing(const Call& call) { return authority(call) + "/sign-intermediate"; }
std::string verbatim_signing(const Call& call) {
  const json::Value* role = call.body.find("role");
  return authority(call) + "/sign-verbatim" + (role == nullptr ? "" : "/" + role->text);
}
std::string bundle_import(const Call& call) { return in_mount(call, "issuers/import/bundle"); }
std::string policies(const Call&) { return "sys/policies/acl"; }
std::string one_policy(const Call& call) {
  return "sys/policies/acl/" + std::string(call.variables[0]);
}
std::string token_list(const Call&) { return "auth/token/accessors"; }
std::string new_token(const Call& call) {
  const json::Value* orphan = call.body.find("orphan");
  const bool child = orphan == nullptr || orphan->text == "false";
  return child ? "auth/token/create" : "auth/token/create-orphan";
}
std::string token_lookup(const Call&) { return "auth/token/lookup-accessor"; }
std::string token_renewal(const Call&) { return "auth/token/renew-accessor"; }
std::string token_revocation(const Call&) { return "auth/token/revoke-accessor"; }
std::string login_roles(const Call& call) { return login_role_path(call, {}); }
std::string login_role(const Call& call) { return login_role_path(call, call.variables[0]); }
std::string secret_ids(const Call& call) { return login_role(call) + "/secret-id"; }
std::string secret_id_end(const Call& call) {
  return login_role(call) + "/secret-id-accessor/destroy";
}
std::string revocation(const Call& call) { return in_mount(call, "revoke"); }
std::string revocations(const Call& call) { return in_mount(call, "revocations"); }
std::string crls(const Call& call) { return in_mount(call, "crls"); }
std::string profiles_list(const Call& call) { return in_mount(call, "profiles"); }
std::string profile(const Call& call) {
  return in_mount(call, "profiles/") + std::string(call.variables[0]);
}
std::string policy_page(const Call& call) { return in_mount(call, "policy-page"); }
std::string crl_settings(const Call& call) { return in_mount(call, "config/crl"); }
std::string crl_rotation(const Call& call) { return in_mount(call, "crl/rotate"); }
std::string blocked_keys(const Call& call) { return in_mount(call, "blocked-keys"); }
std::string blocked_key(const Call& call) {
  return in_mount(call, "blocked-keys/") + std::string(call.variables[0]);
}
// ACME directories are the tenant's, like the mounts that they issue from.
std::string acme_directories(const Call&) { return "sys/acme"; }
std::string acme_directory(const Call& call) {
  return "sys/acme/" + std::string(call.variables[0]);
}
std::string acme_eabs(const Call& call) { return acme_directory(call) + "/eabs"; }
std::string acme_accounts(const Call& call) { return acme_directory(call) + "/accounts"; }
std::string acme_orders(const Call& call) { return acme_directory(call) + "/orders"; }
std::string acme_failures(const Call& call) { return acme_directory(call) + "/failures"; }
std::string acme_renewals(const Call& call) { return acme_directory(call) + "/renewals"; }
// Issuing under a role is one resource, whichever API asks.
std::string issuance(const Call& call) {
  const bool has_csr = call.body.find("csr") != nullptr;
  if (const json::Value* name = call.body.find("profile")) {
    return in_mount(call, has_csr ? "sign-profile/" : "issue-profile/") + name->text;
  }
  const json::Value* name = call.body.find("role");
  return in_mount(call, has_csr ? "sign/" : "issue/") + (name == nullptr ? "" : name->text);
}

// Vault keeps what concerns the whole server behind "sudo".
std::string backup(const Call&) { return "sys/backup"; }
std::string restore(const Call&) { return "sys/restore"; }

constexpr std::string_view kSearchParameters =
    "name name_suffix serial fingerprint issuer not_after_from not_after_to limit before";

constexpr Route kRoutes[] = {
    {"GET", "status", "showStatus", kToken, Action::kRead, status, kRows, show_status,
     "How the server is: version, store, authorities", "", "", 200, "Status"},
    {"POST", "reload", "reload", kToken, Action::kUpdate, reloading, kMany, reload,
     "Read the server's configuration file anew; all of it comes into force, or nothing", "", "",
     200, "Reload"},
    {"GET", "openapi.json", "showOpenApi", kOpen, Action::kRead, nothing, kNothing, show_openapi,
     "This document", "", "", 200, ""},

    {"GET", "authorities", "listAuthorities", kToken, Action::kList, authorities, kMany,
     list_authorities, "All authorities of the mount, the default one first", "", "", 200,
     "AuthorityList"},
    {"GET", "authorities/{ref}", "showAuthority", kToken, Action::kRead, authority, kRows,
     show_authority, "One authority by \"default\", name or id", "", "", 200, "Authority"},
    {"POST", "authorities", "createRoot", kToken, Action::kUpdate, new_root, kRows, create_root,
     "Make a root with a new key", "", "RootRequest", 201, "Authority"},
    {"POST", "authorities/{ref}/default", "setDefaultAuthority", kToken, Action::kUpdate,
     default_authority, kRows, set_default_authority,
     "Make an authority the one that is meant where nobody names one", "", "Empty", 200,
     "DefaultAuthority"},

    {"POST", "authorities/requests", "requestAuthority", kToken, Action::kUpdate, new_request,
     kRows, request_authority,
     "Make a certificate request for an authority to come, with a new key or one of the mount", "",
     "AuthorityRequest", 201, "RequestedAuthority"},
    {"POST", "authorities/import", "importAuthorities", kToken, Action::kUpdate, bundle_import,
     kRows, import_authorities,
     "Bring CA certificates and keys here, in any order; keys go to the certificates that they fit",
     "", "BundleImport", 200, "ImportedAuthorities"},
    {"POST", "authorities/{ref}/sign", "signAuthority", kToken, Action::kUpdate, authority_signing,
     kRows, sign_authority, "Issue a CA certificate for a request", "", "AuthoritySigning", 201,
     "IssuedCertificate"},
    {"POST", "authorities/{ref}/sign/explain", "explainAuthority", kToken, Action::kUpdate,
     authority_signing, kRows, explain_authority,
     "What would become of such a request: every rule with its word, and nothing is issued", "",
     "AuthoritySigning", 200, "Explanation"},
    {"POST", "authorities/{ref}/sign-verbatim/explain", "explainVerbatim", kToken, Action::kUpdate,
     verbatim_signing, kRows, explain_verbatim,
     "What would become of a request that is to be signed as it is", "", "VerbatimSigning", 200,
     "Explanation"},

    {"GET", "policies", "listPolicies", kToken, Action::kList, policies, kMany, list_policies,
     "Names of policies", "", "", 200, "PolicyList"},
    {"GET", "policies/{name}", "showPolicy", kToken, Action::kRead, one_policy, kRows, show_policy,
     "One policy", "", "", 200, "Policy"},
    {"PUT", "policies/{name}", "writePolicy", kToken, Action::kUpdate, one_policy, kRows,
     write_policy, "Make or replace a policy", "", "PolicyText", 200, "Policy"},
    {"DELETE", "policies/{name}", "deletePolicy", kToken, Action::kDelete, one_policy, kRows,
     delete_policy, "Delete a policy; tokens that have it are allowed nothing by it", "", "", 204,
     ""},

    {"GET", "tokens", "listTokens", kToken, Action::kList, token_list, kMany, list_tokens,
     "Accessors of all tokens; needs sudo", "after limit", "", 200, "TokenList"},
    {"POST", "tokens", "createToken", kToken, Action::kUpdate, new_token, kRows, create_token,
     "Make a token; it is shown once", "", "TokenOrder", 201, "NewToken"},
    {"POST", "tokens/show", "showToken", kToken, Action::kUpdate, token_lookup, kRows, show_token,
     "One token by its accessor", "", "TokenRef", 200, "Token"},
    {"POST", "tokens/renew", "renewToken", kToken, Action::kUpdate, token_renewal, kRows,
     renew_token, "Give a token a longer life", "", "TokenRenewal", 200, "RenewedToken"},
    {"POST", "tokens/revoke", "revokeToken", kToken, Action::kUpdate, token_revocation, kRows,
     revoke_token, "End a token and those that it made", "", "TokenRef", 200, "RevokedToken"},

    {"GET", "auth-roles", "listLoginRoles", kToken, Action::kList, login_roles, kMany,
     list_login_roles, "Roles, or users, of an authentication method", "method after limit", "",
     200, "RoleList"},
    {"GET", "auth-roles/{name}", "showLoginRole", kToken, Action::kRead, login_role, kRows,
     show_login_role, "One of them", "method", "", 200, "LoginRole"},
    {"POST", "auth-roles/{name}", "writeLoginRole", kToken, Action::kUpdate, login_role, kRows,
     write_login_role, "Make one, or change what the body names", "", "LoginRoleFields", 200,
     "LoginRole"},
    {"DELETE", "auth-roles/{name}", "deleteLoginRole", kToken, Action::kDelete, login_role, kRows,
     delete_login_role, "Delete one; with an AppRole its secrets", "method", "", 204, ""},
    {"GET", "auth-roles/{name}/secret-ids", "listSecretIds", kToken, Action::kList, secret_ids,
     kMany, list_secret_ids, "Secrets of an AppRole, without what is secret", "method", "", 200,
     "SecretIdList"},
    {"POST", "auth-roles/{name}/secret-ids", "makeSecretId", kToken, Action::kUpdate, secret_ids,
     kRows, make_secret_id, "Make a secret of an AppRole; it is shown once", "", "SecretIdOrder",
     201, "NewSecretId"},
    {"DELETE", "auth-roles/{name}/secret-ids/{accessor}", "destroySecretId", kToken,
     Action::kDelete, secret_id_end, kRows, destroy_secret_id, "Destroy a secret by its accessor",
     "method", "", 204, ""},

    {"GET", "keys", "listKeys", kToken, Action::kList, keys, kMany, list_keys,
     "Keys of the mount's authorities, and those that none uses", "", "", 200, "KeyList"},
    {"GET", "keys/{ref}", "showKey", kToken, Action::kRead, key, kMany, show_key,
     "One key by \"default\", name or id", "", "", 200, "Key"},
    {"DELETE", "keys/{ref}", "deleteKey", kToken, Action::kDelete, key, kRows, delete_key,
     "Destroy a key that no authority uses", "", "", 204, ""},

    {"GET", "mounts", "listMounts", kToken, Action::kRead, mounts, kMany, list_mounts,
     "What is mounted where", "", "", 200, "MountList"},
    {"POST", "mounts", "enableMount", kToken, Action::kUpdate, one_mount, kRows, enable_mount,
     "Mount another PKI", "", "MountRequest", 201, "Mount"},
    {"POST", "mounts/tune", "tuneMount", kToken, Action::kUpdate, one_mount_tune, kRows, tune_mount,
     "Change the settings of a mount", "", "MountRequest", 200, "Mount"},
    {"POST", "mounts/disable", "disableMount", kToken, Action::kDelete, one_mount, kRows,
     disable_mount, "Take a mount out of use; its keys are destroyed", "", "MountRequest", 200,
     "Mount"},
    {"GET", "auth-methods", "listAuthMethods", kToken, Action::kRead, auth_methods, kMany,
     list_mounts, "Authentication methods", "", "", 200, "MountList"},
    {"POST", "auth-methods", "enableAuthMethod", kToken, Action::kUpdate, one_auth_method, kRows,
     enable_mount, "Enable an authentication method", "", "MountRequest", 201, "Mount"},
    {"POST", "auth-methods/tune", "tuneAuthMethod", kToken, Action::kUpdate, one_auth_method_tune,
     kRows, tune_mount, "Change the settings of an authentication method", "", "MountRequest", 200,
     "Mount"},
    {"POST", "auth-methods/disable", "disableAuthMethod", kToken, Action::kDelete, one_auth_method,
     kRows, disable_mount, "End an authentication method and all tokens that it gave", "",
     "MountRequest", 200, "Mount"},

    {"GET", "roles", "listRoles", kToken, Action::kList, roles_list, kMany, list_roles,
     "Names of roles in byte order", "after limit", "", 200, "RoleList"},
    {"GET", "roles/{name}", "showRole", kToken, Action::kRead, role, kRows, show_role, "One role",
     "", "", 200, "Role"},
    {"PUT", "roles/{name}", "writeRole", kToken, Action::kUpdate, role, kRows, write_role,
     "Make or replace a role; what is left out has its default", "dry_run if_match if_none_match",
     "RoleFields", 200, "Role"},
    {"DELETE", "roles/{name}", "deleteRole", kToken, Action::kDelete, role, kRows, delete_role,
     "Delete a role; certificates issued under it stay as they are", "if_match", "", 204, ""},

    {"GET", "profiles", "listProfiles", kToken, Action::kList, profiles_list, kMany, list_profiles,
     "Profiles in byte order, those of the program among them", "after limit", "", 200,
     "ProfileList"},
    {"GET", "profiles/{name}", "showProfile", kToken, Action::kRead, profile, kRows, show_profile,
     "One profile", "", "", 200, "Profile"},
    {"PUT", "profiles/{name}", "writeProfile", kToken, Action::kUpdate, profile, kRows,
     write_profile, "Make or replace a profile; what is left out comes from the one it extends",
     "dry_run if_match if_none_match", "ProfileFields", 200, "Profile"},
    {"DELETE", "profiles/{name}", "deleteProfile", kToken, Action::kDelete, profile, kRows,
     delete_profile, "Delete a profile; certificates issued under it stay as they are", "if_match",
     "", 204, ""},
    {"GET", "policy-page", "showPolicyPage", kToken, Action::kRead, policy_page, kMany,
     show_policy_page, "What the running configuration enforces, as a policy under RFC 3647", "",
     "", 200, ""},

    {"POST", "certificates", "issueCertificate", kToken, Action::kUpdate, issuance, kRows,
     issue_certificate,
     "Issue a certificate under a role or profile, for a request or with a new key", "",
     "CertificateRequest", 201, "IssuedCertificate"},
    {"POST", "certificates/explain", "explainCertificate", kToken, Action::kUpdate, issuance, kRows,
     explain_certificate,
     "What would become of a request: every rule with its word, and nothing is issued", "",
     "CertificateRequest", 200, "Explanation"},
    {"GET", "certificates", "searchCertificates", kToken, Action::kList, certificates, kMany,
     search_certificates, "Stored certificates that match every given parameter, newest first",
     kSearchParameters, "", 200, "CertificateList"},
    {"GET", "certificates/{id}", "showCertificate", kToken, Action::kRead, certificate, kMany,
     show_certificate, "One certificate by serial number or SHA-256 fingerprint", "", "", 200,
     "Certificate"},
    {"POST", "certificates/{id}/revoke", "revokeCertificate", kToken, Action::kUpdate, revocation,
     kRows, revoke_certificate, "Revoke a certificate by serial number; doing it twice is no error",
     "", "RevocationRequest", 200, "Revocation"},

    {"POST", "certificates/{id}/release", "releaseCertificate", kToken, Action::kUpdate, revocation,
     kRows, release_certificate, "End the hold of a certificate", "", "Empty", 200, "Release"},
    {"POST", "revocations", "startRevocations", kToken, Action::kUpdate, revocation, kMany,
     start_mass_revocation,
     "Revoke all certificates that match, of every authority of the mount, as a job", "",
     "MassRevocationRequest", 202, "MassRevocation"},
    {"GET", "revocations", "listRevocations", kToken, Action::kList, revocations, kMany,
     list_mass_revocations, "These jobs, the latest first", "", "", 200, "MassRevocationList"},
    {"GET", "revocations/{id}", "showRevocations", kToken, Action::kRead, revocations, kRows,
     show_mass_revocation, "One of these jobs", "", "", 200, "MassRevocation"},
    {"POST", "revocations/{id}/cancel", "cancelRevocations", kToken, Action::kUpdate, revocation,
     kRows, cancel_mass_revocation, "Stop such a job after its page; what is revoked stays so", "",
     "Empty", 202, "MassRevocation"},
    {"POST", "unknown-certificates/revoke", "revokeUnknownCertificate", kToken, Action::kUpdate,
     revocation, kRows, revoke_unknown_certificate,
     "Revoke a certificate that is sent along: one that an authority here signed, stored or not",
     "", "UnknownRevocationRequest", 200, "Revocation"},

    {"GET", "blocked-keys", "listBlockedKeys", kToken, Action::kList, blocked_keys, kMany,
     list_blocked_keys, "Keys that no certificate is issued for, by fingerprint", "after limit", "",
     200, "BlockedKeyList"},
    {"POST", "blocked-keys", "blockKey", kToken, Action::kUpdate, blocked_keys, kRows, block_key,
     "Block a key; doing it twice is no error. Certificates that exist stay: revoke them", "",
     "BlockKeyRequest", 200, "BlockedKey"},
    {"GET", "blocked-keys/{sha256}", "showBlockedKey", kToken, Action::kRead, blocked_key, kRows,
     show_blocked_key, "Whether and why a key is blocked", "", "", 200, "BlockedKey"},
    {"DELETE", "blocked-keys/{sha256}", "unblockKey", kToken, Action::kDelete, blocked_key, kRows,
     unblock_key, "Take a key off the list", "", "", 204, ""},

    {"GET", "crl-settings", "showCrlSettings", kToken, Action::kRead, crl_settings, kRows,
     show_crl_settings, "How CRLs and OCSP answers are published", "", "", 200, "CrlSettings"},
    {"PUT", "crl-settings", "writeCrlSettings", kToken, Action::kUpdate, crl_settings, kRows,
     write_crl_settings, "Replace these settings; what is left out has its default", "",
     "CrlSettings", 200, "CrlSettings"},
    {"GET", "crls", "listCrls", kToken, Action::kList, crls, kMany, list_crls,
     "All CRLs and OCSP responders of the mount, and how they are", "", "", 200, "CrlReports"},
    {"GET", "authorities/{ref}/crl", "showCrl", kToken, Action::kRead, crls, kMany, show_crl,
     "One CRL", "crl", "", 200, "Crl"},
    {"POST", "authorities/{ref}/crl", "importCrl", kToken, Action::kUpdate, authority, kRows,
     import_crl, "Give out a CRL that was made where the authority's key is kept", "", "CrlImport",
     200, "ImportedCrl"},
    {"GET", "authorities/{ref}/ocsp", "showAuthorityOcsp", kToken, Action::kRead, authority, kRows,
     show_authority_ocsp, "Who signs the OCSP answers of an authority", "", "", 200,
     "AuthorityOcsp"},
    {"PUT", "authorities/{ref}/ocsp", "writeAuthorityOcsp", kToken, Action::kUpdate, authority,
     kRows, write_authority_ocsp,
     "Say who signs the OCSP answers of an authority; what is left out is as crl-settings say", "",
     "AuthorityOcspRequest", 200, "AuthorityOcsp"},
    {"POST", "crls/rotate", "rotateCrls", kToken, Action::kRead, crl_rotation, kRows, rotate_crls,
     "Make a new CRL for each authority whose key is here", "", "CrlRotation", 200, "CrlList"},

    {"GET", "acme-directories", "listAcmeDirectories", kToken, Action::kList, acme_directories,
     kMany, list_acme_directories, "ACME directories in byte order", "after limit", "", 200,
     "AcmeDirectoryList"},
    {"GET", "acme-directories/{name}", "showAcmeDirectory", kToken, Action::kRead, acme_directory,
     kRows, show_acme_directory, "One ACME directory", "", "", 200, "AcmeDirectory"},
    {"PUT", "acme-directories/{name}", "writeAcmeDirectory", kToken, Action::kUpdate,
     acme_directory, kRows, write_acme_directory,
     "Make or replace an ACME directory; what is left out has its default",
     "dry_run if_match if_none_match", "AcmeDirectoryFields", 200, "AcmeDirectory"},
    {"DELETE", "acme-directories/{name}", "deleteAcmeDirectory", kToken, Action::kDelete,
     acme_directory, kRows, delete_acme_directory,
     "Delete an ACME directory with its accounts and orders; certificates stay", "if_match", "",
     204, ""},
    {"GET", "acme-directories/{name}/eabs", "listAcmeEabs", kToken, Action::kList, acme_eabs, kMany,
     list_acme_eabs, "External account bindings, without their keys", "after limit", "", 200,
     "AcmeEabList"},
    {"POST", "acme-directories/{name}/eabs", "createAcmeEab", kToken, Action::kUpdate, acme_eabs,
     kRows, create_acme_eab, "Make an external account binding; its key is shown once", "",
     "AcmeEabFields", 201, "AcmeEab"},
    {"DELETE", "acme-directories/{name}/eabs/{kid}", "revokeAcmeEab", kToken, Action::kDelete,
     acme_eabs, kRows, revoke_acme_eab,
     "Let no further account be made with a binding; its accounts stay", "", "", 204, ""},
    {"GET", "acme-directories/{name}/accounts", "listAcmeAccounts", kToken, Action::kList,
     acme_accounts, kMany, list_acme_accounts, "Accounts of a directory", "after limit", "", 200,
     "AcmeAccountList"},
    {"GET", "acme-directories/{name}/accounts/{id}", "showAcmeAccount", kToken, Action::kRead,
     acme_accounts, kRows, show_acme_account, "One account", "", "", 200, "AcmeAccount"},
    {"POST", "acme-directories/{name}/accounts/{id}/deactivate", "deactivateAcmeAccount", kToken,
     Action::kUpdate, acme_accounts, kRows, deactivate_acme_account,
     "Deactivate an account for good; its certificates stay", "", "Empty", 200, "AcmeAccount"},
    {"GET", "acme-directories/{name}/orders", "listAcmeOrders", kToken, Action::kList, acme_orders,
     kMany, list_acme_orders, "Orders by account, each account's oldest first", "after limit", "",
     200, "AcmeOrderList"},
    {"GET", "acme-directories/{name}/failures", "listAcmeFailures", kToken, Action::kList,
     acme_failures, kMany, list_acme_failures,
     "Names that accounts could not show control over of late, and which are paused", "after limit",
     "", 200, "AcmeFailureList"},
    {"POST", "acme-directories/{name}/unpause", "unpauseAcme", kToken, Action::kUpdate,
     acme_failures, kRows, unpause_acme, "Forget the failures of an account with a name", "",
     "AcmeUnpause", 200, "Empty"},
    {"GET", "acme-directories/{name}/renewals", "listAcmeRenewals", kToken, Action::kList,
     acme_renewals, kMany, list_acme_renewals,
     "Windows in which clients are asked to renew (RFC 9773)", "limit", "", 200, "AcmeRenewalList"},
    {"PUT", "acme-directories/{name}/renewals/{window}", "writeAcmeRenewal", kToken,
     Action::kUpdate, acme_renewals, kRows, write_acme_renewal,
     "Ask clients to renew certificates within a window", "", "AcmeRenewalFields", 200,
     "AcmeRenewal"},
    {"DELETE", "acme-directories/{name}/renewals/{window}", "deleteAcmeRenewal", kToken,
     Action::kDelete, acme_renewals, kRows, delete_acme_renewal, "Take a window back", "", "", 204,
     ""},

    {"GET", "backup", "streamBackup", kToken, Action::kSudo, backup, kMany, stream_backup,
     "One consistent backup of log, state, sealed keys and configuration, as a stream "
     "(application/octet-stream)",
     "backup_after store_id", "", 200, ""},
    {"GET", "restore", "showRestore", kToken, Action::kRead, restore, kRows, show_restore,
     "Whether this node was restored from a backup, and whether that was confirmed", "", "", 200,
     "Restore"},
    {"POST", "restore/confirm", "confirmRestore", kToken, Action::kSudo, restore, kRows,
     confirm_restore, "Say that the node that was backed up is gone; from then on this one signs",
     "", "RestoreConfirmation", 200, "Restore"},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace chancery::admin
