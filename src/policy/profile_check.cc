#include "policy/profile_fields.h"
#include "policy/refusal.h"
#include "policy/usages.h"

namespace chancery::policy {
namespace {

constexpr std::size_t kMaxEntries = 1000;  // of one list
constexpr std::size_t kMaxDescription = 500;
constexpr int kMaxCount = 1000;

struct CheckBounds {
  Result<void>& result;

  void operator()(std::string_view field, const std::vector<std::string>& values) const {
    if (values.size() > kMaxEntries) {
      settle(invalid(field, field, {field, " has more than 1000 entries"}));
    }
    for (const std::string& value : values) settle(check_text(field, value));
  }
  void operator()(std::string_view field, const std::string& value) const {
    settle(check_text(field, value));
  }
  void operator()(std::string_view field, int value) const {
    if (value < -1 || value > kMaxCount) {
      settle(invalid(field, field, {field, " can be -1 (none) to 1000"}));
    }
  }
  template <class T>
  void operator()(std::string_view, const T&) const {}

 private:
  void settle(Result<void> next) const {
    if (result) result = std::move(next);
  }
};

// A role passes over names of usages that it does not know; a profile must not promise them.
Result<void> check_usages(const Profile& profile) {
  if (const auto unknown = unknown_key_usage(profile.rules); !unknown.empty()) {
    return invalid("key_usage", "key_usage", {"unknown key usage ", in_quotes(unknown)});
  }
  if (const auto unknown = unknown_extended_key_usage(profile.rules); !unknown.empty()) {
    return invalid("ext_key_usage", "ext_key_usage",
                   {"unknown extended key usage ", in_quotes(unknown),
                    "; give others by OID in ext_key_usage_oids"});
  }
  const bool signs = key_usage(profile.rules).has(x509::KeyUsageBit::kKeyCertSign);
  if (signs != profile.ca) {
    return invalid("key_usage", "ca", {"key usage CertSign and ca: true go together"});
  }
  return {};
}

// What makes sense of an authority alone.
Result<void> check_ca_fields(const Profile& profile) {
  if (profile.ca) {
    if (!profile.no_rev_avail && !profile.must_staple) return {};
    const std::string_view field = profile.no_rev_avail ? "no_rev_avail" : "must_staple";
    return invalid(field, "ca", {field, " is not for authorities"});
  }
  const auto only = [](std::string_view field) {
    return invalid(field, "ca", {field, " is for authorities (ca: true) only"});
  };
  if (!profile.permitted_names.empty()) return only("permitted_names");
  if (!profile.excluded_names.empty()) return only("excluded_names");
  if (!profile.policy_mappings.empty()) return only("policy_mappings");
  if (profile.require_explicit_policy >= 0) return only("require_explicit_policy");
  if (profile.inhibit_policy_mapping >= 0) return only("inhibit_policy_mapping");
  if (profile.inhibit_any_policy >= 0) return only("inhibit_any_policy");
  return {};
}

Result<void> check_revocation(const Profile& profile) {
  if (profile.no_rev_avail && (profile.crl_urls || profile.ocsp_urls)) {
    return invalid("no_rev_avail", "no_rev_avail",
                   {"no_rev_avail says that there is no revocation information, so crl_urls and "
                    "ocsp_urls must be false (RFC 9608 section 3)"});
  }
  if (profile.must_staple && !profile.ocsp_urls) {
    return invalid(
        "must_staple", "must_staple",
        {"must_staple needs ocsp_urls: the server fetches the answers it staples there"});
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> check_profile(Profile& profile, const Limits& limits) {
  Result<void> bounds;
  for_each_field(profile, CheckBounds{bounds});
  TRY(bounds);
  if (profile.description.size() > kMaxDescription) {
    return invalid("description", "description", {"the description is over 500 bytes"});
  }
  Role& rules = profile.rules;
  // A profile's lifetimes are its own, not the mount's.
  if (rules.max_ttl == seconds{0} && rules.ttl > limits.max_ttl) rules.max_ttl = rules.ttl;
  auto warnings = TRY(check_role(rules, limits));
  TRY(check_usages(profile));
  TRY(check_ca_fields(profile));
  TRY(check_revocation(profile));
  if (auto compiled = compile(profile); !compiled) {
    return std::unexpected(std::move(compiled).error());
  }
  return warnings;
}

}  // namespace chancery::policy
