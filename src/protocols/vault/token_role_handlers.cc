#include <algorithm>

#include "protocols/json/token_settings_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

// auth/token/roles.

namespace chancery::vault {
namespace {

using access::TokenRole;

constexpr std::size_t kMostRoles = 100'000;

const record::Scope& tenant_scope() {
  static const record::Scope kScope{"root", ""};
  return kScope;
}

bool shows(const TokenRole& role, std::string_view old) {
  return std::ranges::find(role.old_names, old) != role.old_names.end();
}

// read_old takes a duration that may come under its old name; the new one counts.
void read_old(json::FieldReader& fields, std::string_view now, std::string_view old,
              TokenRole& role, seconds& value, std::vector<std::string>& warnings) {
  const bool has_old = fields.has(old);
  const bool has_now = fields.has(now);
  if (!has_old && !has_now) return;
  std::erase(role.old_names, old);
  if (has_now && has_old) {
    warnings.push_back("Both '" + std::string(now) + "' and deprecated '" + std::string(old) +
                       "' value supplied, ignoring the deprecated value");
  }
  if (!has_now) role.old_names.emplace_back(old);
  value = fields.duration(has_now ? now : old);
}

Result<void> read_role(json::FieldReader& fields, TokenRole& role,
                       std::vector<std::string>& warnings) {
  role.allowed_policies = fields.list("allowed_policies", role.allowed_policies);
  role.disallowed_policies = fields.list("disallowed_policies", role.disallowed_policies);
  role.allowed_policies_glob = fields.list("allowed_policies_glob", role.allowed_policies_glob);
  role.disallowed_policies_glob =
      fields.list("disallowed_policies_glob", role.disallowed_policies_glob);
  role.allowed_entity_aliases = fields.list("allowed_entity_aliases", role.allowed_entity_aliases);
  const bool old_networks = fields.has("bound_cidrs") && !fields.has("token_bound_cidrs");
  role.bound_cidrs =
      read_networks(fields, old_networks ? "bound_cidrs" : "token_bound_cidrs", role.bound_cidrs);
  role.orphan = fields.flag("orphan", role.orphan);
  role.renewable = fields.flag("renewable", role.renewable);
  role.no_default_policy = fields.flag("token_no_default_policy", role.no_default_policy);
  role.path_suffix = fields.text("path_suffix", role.path_suffix);
  role.type = fields.text("token_type", role.type);
  read_old(fields, "token_explicit_max_ttl", "explicit_max_ttl", role, role.explicit_max_ttl,
           warnings);
  read_old(fields, "token_period", "period", role, role.period, warnings);
  const std::int64_t uses = fields.integer("token_num_uses", role.num_uses);
  static_cast<void>(fields.text("role_name"));
  static_cast<void>(fields.text("name"));
  TRY(fields.finish());
  if (uses < 0 || uses > UINT32_MAX) {
    return std::unexpected(Error{
        Code::kInvalidArgument,
        uses < 0 ? "error parsing role fields: 'token_num_uses' cannot be negative"
                 : "error parsing role fields: 'token_num_uses' is too large",
        {},
        {}}.with("field", "token_num_uses"));
  }
  role.num_uses = static_cast<std::uint32_t>(uses);
  return access::check(role);
}

}  // namespace

http::Response list_token_roles(Call& call) {
  const auto page = read_page(call.body, kMostRoles);
  if (!page) return failed(call, field_error(page.error()));
  const auto names = call.use.methods.token_roles.list(tenant_scope(), page->after, page->limit);
  if (!names) return failed(call, names.error());
  return names_answer(call.request.request_id, *names);
}

http::Response read_token_role(Call& call) {
  const auto found = call.use.methods.token_roles.find(tenant_scope(), call.variable());
  if (!found) return failed(call, found.error());
  if (!*found) return absent();
  const TokenRole& role = **found;
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object();
  if (role.allowed_entity_aliases.empty()) {
    out.key("allowed_entity_aliases").null();
  } else {
    out.field("allowed_entity_aliases", role.allowed_entity_aliases);
  }
  out.field("allowed_policies", role.allowed_policies);
  out.field("allowed_policies_glob", role.allowed_policies_glob);
  out.field("disallowed_policies", role.disallowed_policies);
  out.field("disallowed_policies_glob", role.disallowed_policies_glob);
  const auto old = [&](std::string_view name, seconds value) {
    out.field(name, shows(role, name) ? value.count() : 0);
  };
  old("explicit_max_ttl", role.explicit_max_ttl);
  out.field("name", call.variable()).field("orphan", role.orphan);
  out.field("path_suffix", role.path_suffix);
  old("period", role.period);
  out.field("renewable", role.renewable);
  if (!role.bound_cidrs.empty()) out.field("token_bound_cidrs", role.bound_cidrs);
  out.field("token_explicit_max_ttl", role.explicit_max_ttl.count());
  out.field("token_no_default_policy", role.no_default_policy);
  if (role.num_uses > 0) out.field("token_num_uses", role.num_uses);
  out.field("token_period", role.period.count()).field("token_type", role.type).end_object();
  return std::move(answer).finish();
}

http::Response write_token_role(Call& call) {
  std::vector<std::string> warnings;
  auto staged = call.use.methods.token_roles.put(
      *call.grant, tenant_scope(), call.variable(),
      [&](TokenRole& role, access::TokenRoles::State, record::WriteSet&) {
        json::FieldReader fields(call.body);
        return read_role(fields, role, warnings);
      },
      call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, warnings](const TokenRole&) {
                        return warnings.empty() ? no_content() : no_data(id, warnings);
                      });
}

http::Response delete_token_role(Call& call) {
  auto staged = call.use.methods.token_roles.erase(*call.grant, tenant_scope(), call.variable(),
                                                   call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

}  // namespace chancery::vault
