#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/content.h"
#include "policy/role.h"

namespace chancery::policy {

// Profile is what this program itself calls a kind of certificate: the rules in the vocabulary of
// Vault's roles, and what roles cannot say. A new one allows nobody, names nothing and has no key.
// Fields are named as in the API, so that a refusal can name the field.
struct Profile {
  Profile();

  // Without the fields that a profile says otherwise (key_type, the four flags) or has no use for
  // (generate_lease). rules.name is the profile's name.
  Role rules;

  std::string extends;  // the profile it was derived from when it was stored; "": none
  std::string description;
  std::vector<std::string> users;  // globs over the actor ("token:web-*"); empty: whoever access
                                   // allows
  std::vector<std::string> keys;   // "ec-p256", "rsa-3072": exactly these; the first is the default
  // Globs for common names that are neither host name nor e-mail address; they count, and nothing
  // else does, where cn_validations is "disabled".
  std::vector<std::string> allowed_common_names;

  bool ext_key_usage_critical = false;
  bool ocsp_urls = true;  // whether the issuer's URLs are written
  bool ca_issuer_urls = true;
  bool crl_urls = true;
  bool must_staple = false;                    // RFC 7633
  bool ocsp_no_check = false;                  // RFC 6960 section 4.2.2.2.1
  bool no_rev_avail = false;                   // RFC 9608
  std::vector<std::string> custom_extensions;  // "<oid>;<DER in hex>", "<oid>;critical;<hex>"

  bool ca = false;
  int max_path_length = 0;                   // of a CA; -1: no limit
  std::vector<std::string> permitted_names;  // name constraints: "DNS:example.com"
  std::vector<std::string> excluded_names;
  std::vector<std::string> policy_mappings;  // "<issuer's OID>=<subject's OID>"
  int require_explicit_policy = -1;          // -1: not said
  int inhibit_policy_mapping = -1;
  int inhibit_any_policy = -1;

  std::vector<std::string> lints;  // "<rule>=error", "=warning", "=off"
};

// CompiledProfile is a profile, or a role, with everything parsed that does not depend on the
// request: made once, used for each certificate. Immutable; thread-safe.
struct CompiledProfile {
  Profile source;
  bool is_role = false;               // keys and usages by Vault's rules, no extras
  std::vector<crypto::KeyType> keys;  // empty for a role
  x509::KeyUsage key_usage;           // of a profile less what the key cannot do
  std::vector<asn1::Oid> extended_key_usage;
  std::optional<x509::BasicConstraints> basic_constraints;
  std::optional<x509::NameConstraints> name_constraints;
  std::vector<x509::PolicyInformation> policies;
  std::shared_ptr<const ContentExtras> extras;  // null for a role

  [[nodiscard]] const Role& rules() const { return source.rules; }
};

// compile parses. Errors: kInvalidArgument with field and rule in Error::where.
[[nodiscard]] Result<CompiledProfile> compile(Role role);
[[nodiscard]] Result<CompiledProfile> compile(Profile profile);

// check_profile validates a profile before it is stored and resolves what depends on other fields,
// as check_role does. Returns warnings. Errors: kInvalidArgument with the field in Error::where.
[[nodiscard]] Result<std::vector<std::string>> check_profile(Profile& profile,
                                                             const Limits& limits);

// shipped_profiles are part of the program: to be derived from, since none of them allows a name.
[[nodiscard]] std::span<const Profile> shipped_profiles();
// shipped_profile finds one by name, or null.
[[nodiscard]] const Profile* shipped_profile(std::string_view name);

// Codec of the stored profile: a JSON object with the API's field names, defaults and name
// included. parse_profile ignores nothing: an unknown or absent key is kDataLoss.
[[nodiscard]] Bytes encode(const Profile& profile);
[[nodiscard]] Result<Profile> parse_profile(BytesView json);

}  // namespace chancery::policy
