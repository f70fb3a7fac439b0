#include "protocols/json/token_settings_fields.h"

#include <algorithm>

#include "access/networks.h"
#include "base/text.h"

namespace chancery::json {
namespace {

// Old names of settings: what is given by one is shown under both.
struct OldName {
  std::string_view now;
  std::string_view old;
};
constexpr OldName kPolicies{"token_policies", "policies"};
constexpr OldName kNetworks{"token_bound_cidrs", "bound_cidrs"};
constexpr OldName kTtl{"token_ttl", "ttl"};
constexpr OldName kMaxTtl{"token_max_ttl", "max_ttl"};
constexpr OldName kPeriod{"token_period", "period"};
constexpr OldName kUses{"token_num_uses", "num_uses"};

// given is the name under which a request has a setting, or "": the new one counts.
std::string_view given(FieldReader& fields, access::TokenSettings& settings, OldName name) {
  const bool old = fields.has(name.old);
  const bool now = fields.has(name.now);
  if (!old && !now) return {};
  std::erase(settings.old_names, name.old);
  if (now) return name.now;
  settings.old_names.emplace_back(name.old);
  return name.old;
}

// shows says whether a setting is shown under its old name as well: when it is set, and was by
// that.
bool shows(const access::TokenSettings& settings, OldName name, bool is_set) {
  return is_set && std::ranges::find(settings.old_names, name.old) != settings.old_names.end();
}

}  // namespace

std::vector<std::string> read_networks(FieldReader& fields, std::string_view field,
                                       std::vector<std::string> otherwise) {
  auto networks = fields.list(field, std::move(otherwise));
  for (std::string& network : networks) network = access::canonical_network(trim(network));
  std::erase(networks, "");
  return networks;
}

Result<void> read_token_settings(FieldReader& fields, access::TokenSettings& settings) {
  if (const auto name = given(fields, settings, kPolicies); !name.empty()) {
    settings.policies = fields.list(name);
    for (std::string& policy : settings.policies) policy = trim(policy);
    std::erase(settings.policies, "");
  }
  if (const auto name = given(fields, settings, kNetworks); !name.empty())
    settings.bound_cidrs = read_networks(fields, name, {});
  if (const auto name = given(fields, settings, kTtl); !name.empty())
    settings.ttl = fields.duration(name);
  if (const auto name = given(fields, settings, kMaxTtl); !name.empty())
    settings.max_ttl = fields.duration(name);
  if (const auto name = given(fields, settings, kPeriod); !name.empty())
    settings.period = fields.duration(name);
  if (const auto name = given(fields, settings, kUses); !name.empty()) {
    const std::int64_t uses = fields.integer(name);
    if (uses < 0 || uses > UINT32_MAX) {
      const char* const why =
          uses < 0 ? "'token_num_uses' cannot be negative" : "'token_num_uses' is too large";
      return std::unexpected(Error{Code::kInvalidArgument, why, {}, {}}.with("field", name));
    }
    settings.num_uses = static_cast<std::uint32_t>(uses);
  }
  settings.explicit_max_ttl = fields.duration("token_explicit_max_ttl", settings.explicit_max_ttl);
  settings.no_default_policy = fields.flag("token_no_default_policy", settings.no_default_policy);
  settings.strictly_bind_ip = fields.flag("token_strictly_bind_ip", settings.strictly_bind_ip);
  const std::string type = fields.text("token_type", settings.type);
  settings.type = type.empty() ? "default" : type;
  return {};
}

void write_token_settings(Writer& out, const access::TokenSettings& settings) {
  if (shows(settings, kNetworks, !settings.bound_cidrs.empty()))
    out.field(kNetworks.old, settings.bound_cidrs);
  if (shows(settings, kMaxTtl, settings.max_ttl.count() > 0))
    out.field(kMaxTtl.old, settings.max_ttl.count());
  if (shows(settings, kUses, settings.num_uses > 0)) out.field(kUses.old, settings.num_uses);
  if (shows(settings, kPeriod, settings.period.count() > 0))
    out.field(kPeriod.old, settings.period.count());
  if (shows(settings, kPolicies, !settings.policies.empty()))
    out.field(kPolicies.old, settings.policies);
  out.field("token_bound_cidrs", settings.bound_cidrs);
  out.field("token_explicit_max_ttl", settings.explicit_max_ttl.count());
  out.field("token_max_ttl", settings.max_ttl.count());
  out.field("token_no_default_policy", settings.no_default_policy);
  out.field("token_num_uses", settings.num_uses);
  out.field("token_period", settings.period.count());
  out.field("token_policies", settings.policies);
  out.field("token_strictly_bind_ip", settings.strictly_bind_ip);
  out.field("token_ttl", settings.ttl.count()).field("token_type", settings.type);
  if (shows(settings, kTtl, settings.ttl.count() > 0)) out.field(kTtl.old, settings.ttl.count());
}

}  // namespace chancery::json
