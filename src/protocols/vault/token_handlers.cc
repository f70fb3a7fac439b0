#include <algorithm>

#include "access/acl.h"
#include "base/text.h"
#include "protocols/json/field_reader.h"
#include "protocols/vault/auth_answer.h"
#include "protocols/vault/client_certificate.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/page.h"
#include "protocols/vault/sweep.h"
#include "protocols/vault/warnings.h"

// auth/token.

namespace chancery::vault {
namespace {

using access::Tokens;
using Children = Tokens::Children;

constexpr std::size_t kMostAccessors = 100'000;

Error bad_request(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

// token_field takes one text out of the body.
Result<std::string> token_field(Call& call, std::string_view name) {
  json::FieldReader fields(call.body);
  std::string value = fields.text(name);
  static_cast<void>(fields.integer("increment"));
  auto rest = fields.finish();
  if (!rest) return std::unexpected(field_error(std::move(rest).error()));
  return value;
}

void write_lookup(json::Writer& out, const Call& call, const Tokens::Found& found,
                  std::string_view id) {
  const access::Token& token = *found.token;
  const auto left = token.expires ? *token.expires - call.use.clock.now() : seconds{0};
  out.begin_object().field("accessor", token.accessor);
  out.field("creation_time", to_unix(token.created)).field("creation_ttl", token.ttl.count());
  out.field("display_name", token.display_name).field("entity_id", "").key("expire_time");
  if (token.expires) {
    out.string(rfc3339(*token.expires));
  } else {
    out.null();
  }
  out.field("explicit_max_ttl", token.explicit_max_ttl.count()).field("id", id);
  out.field("issue_time", rfc3339(token.created));
  if (token.renewed) {
    out.field("last_renewal", rfc3339(*token.renewed));
    out.field("last_renewal_time", to_unix(*token.renewed));
  }
  out.key("meta");
  write_metadata(out, token);
  out.field("num_uses", found.uses_left).field("orphan", found.orphan);
  out.field("path", token.path);
  if (token.period.count() > 0) out.field("period", token.period.count());
  out.field("policies", token.policies).field("renewable", token.renewable);
  if (!token.role.empty()) out.field("role", token.role);
  if (!token.bound_cidrs.empty()) out.field("bound_cidrs", token.bound_cidrs);
  out.field("ttl", left.count()).field("type", "service").end_object();
}

http::Response lookup_answer(Call& call, const Tokens::Found& found, std::string_view id) {
  Envelope answer(call.request.request_id, 2048);
  write_lookup(answer.data(), call, found, id);
  return std::move(answer).finish();
}

http::Response answer_renewal(Call& call, const Tokens::Found& found, seconds increment,
                              std::string_view secret) {
  const std::string& source = found.token->source;
  const auto mount = source.empty() ? nullptr : call.use.methods.mounts.by_storage(source);
  if (mount && mount->type == "cert") {
    auto& certificates = call.use.methods.certificates;
    if (const auto lane =
            lane_for(call, [&] { return certificates.asks_network(mount->scope(), *found.token); }))
      return http::Response::run_on(*lane);
    const auto bound =
        certificates.check_renewal(*mount, *found.token, client_of(call), *call.context.on_lane());
    if (!bound) return failed(call, bound.error());
  }
  auto staged = call.use.tokens.renew(*call.grant, found, increment, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id,
                       secret = std::string(secret)](const Tokens::Renewed& renewed) {
                        return auth_answer(id, secret, *renewed.token.token, renewed.ttl,
                                           renewed.warnings);
                      });
}

http::Response answer_revocation(Call& call, const Tokens::Found& found, Children children) {
  auto staged = call.use.tokens.revoke(*call.grant, found, children, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

Result<Tokens::Found> caller_of(Call& call) { return call.use.tokens.find(call.token); }

// display_name_of makes what a token is called: "token-" and the letters and digits of the wish.
std::string display_name_of(std::string_view wish) {
  std::string name = "token";
  if (wish.empty()) return name;
  name += '-';
  for (const char c : wish) {
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += keeps ? c : '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name;
}

Result<Tokens::Order> read_order(Call& call, bool sudo, std::vector<std::string>& unknown) {
  json::FieldReader fields(call.body);
  Tokens::Order order;
  order.path = call.path;
  const std::string id = fields.text("id");
  const std::string type = fields.text("type");
  const std::int64_t uses = fields.integer("num_uses");
  order.policies = fields.list("policies");
  order.ttl = fields.duration("ttl", fields.duration("lease"));
  order.explicit_max_ttl = fields.duration("explicit_max_ttl");
  order.period = fields.duration("period");
  order.renewable = fields.flag("renewable", true);
  order.no_default_policy = fields.flag("no_default_policy");
  const bool no_parent = fields.flag("no_parent");
  static_cast<void>(fields.text("role_name"));  // hvac repeats the name of the path
  order.orphan = no_parent || call.path.ends_with("create-orphan");
  order.display_name = display_name_of(fields.text("display_name"));
  order.metadata = fields.pairs("meta");
  if (!fields.text("entity_alias").empty())
    return std::unexpected(bad_request("entity_alias", "there are no identity entities here"));
  auto rest = fields.finish();
  if (!rest) return std::unexpected(field_error(std::move(rest).error()));
  unknown = *std::move(rest);
  if (no_parent && !sudo) {
    return std::unexpected(
        bad_request("no_parent", "root or sudo privileges required to create orphan token"));
  }
  if (!id.empty())
    return std::unexpected(bad_request("id", "the id of a token cannot be chosen: it is random"));
  if (!type.empty() && type != "service" && type != "default-service" && type != "default")
    return std::unexpected(bad_request("type", "tokens of type service only are supported"));
  if (uses < 0)
    return std::unexpected(bad_request("num_uses", "number of uses cannot be negative"));
  if (uses > UINT32_MAX) return std::unexpected(bad_request("num_uses", "too many uses"));
  if (order.ttl.count() < 0) return std::unexpected(bad_request("ttl", "ttl must be positive"));
  if (order.explicit_max_ttl.count() < 0)
    return std::unexpected(bad_request("explicit_max_ttl", "explicit_max_ttl must be positive"));
  if (order.period.count() < 0)
    return std::unexpected(bad_request("period", "period must be positive"));
  order.uses = static_cast<std::uint32_t>(uses);
  return order;
}

Result<void> warn_of_absent_policies(Call& call, const Tokens::Order& order,
                                     std::vector<std::string>& warnings) {
  for (const std::string& name : order.policies) {
    const auto policy = TRY(call.use.policies.find(call.scope().tenant, to_lower(trim(name))));
    if (!policy) warnings.push_back("Policy \"" + printable(name) + "\" does not exist");
  }
  return {};
}

// create makes a token as the request wants it, after a role where there is one.
http::Response create(Call& call, const access::TokenRole* role) {
  std::vector<std::string> unknown;
  const bool sudo = call.caller->principal.acl->has_sudo(call.path);
  auto order = read_order(call, sudo, unknown);
  if (!order) return failed(call, order.error());
  const auto limits = access::Mounts::ttl_limits(*call.mount);
  order->default_ttl = limits.default_ttl;
  order->max_ttl = limits.max_ttl;
  if (role != nullptr) {
    order->path = "auth/token/create";
    if (auto applied =
            access::apply(*role, call.variable(), call.caller->principal.policies, *order);
        !applied)
      return failed(call, applied.error());
  }
  std::vector<std::string> warnings;
  warn_of_unknown(warnings, unknown);
  if (auto looked = warn_of_absent_policies(call, *order, warnings); !looked)
    return failed(call, looked.error());
  auto staged = call.use.tokens.create(*call.grant, *call.caller, sudo, *std::move(order),
                                       call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, warnings](const Tokens::Made& made) {
                        std::vector<std::string> all = made.warnings;
                        all.insert(all.end(), warnings.begin(), warnings.end());
                        return auth_answer(id, made.token.secret, made.token.token,
                                           made.token.token.ttl, all);
                      });
}

}  // namespace

http::Response create_token(Call& call) { return create(call, nullptr); }

http::Response create_token_by_role(Call& call) {
  const auto role = call.use.methods.token_roles.find({"root", ""}, call.variable());
  if (!role) return failed(call, role.error());
  if (*role) return create(call, role->get());
  return failed(call, bad_request("role_name", "unknown role " + printable(call.variable())));
}

http::Response lookup_self(Call& call) {
  const auto found = caller_of(call);
  // The last use of a token is the one that asks.
  if (!found && found.error().code == Code::kNotFound)
    return lookup_answer(
        call, {call.caller->id, call.caller->token, 0, call.caller->token->parent.empty()},
        call.token);
  if (!found) return failed(call, found.error());
  return lookup_answer(call, *found, call.token);
}

http::Response lookup_token(Call& call) {
  auto secret = token_field(call, "token");
  if (!secret) return failed(call, secret.error());
  if (secret->empty()) secret = std::string(call.token);
  const auto found = call.use.tokens.find(*secret);
  if (found) return lookup_answer(call, *found, *secret);
  if (found.error().code != Code::kNotFound) return failed(call, found.error());
  return failed(call, {Code::kPermissionDenied, "bad token", {}, {}});
}

http::Response lookup_accessor(Call& call) {
  const auto accessor = token_field(call, "accessor");
  if (!accessor) return failed(call, accessor.error());
  if (accessor->empty())
    return failed(call, core_error(Code::kInvalidArgument, "missing accessor"));
  const auto found = call.use.tokens.by_accessor(*accessor);
  if (found) return lookup_answer(call, *found, "");
  if (found.error().code != Code::kNotFound) return failed(call, found.error());
  return failed(call, core_error(Code::kInvalidArgument, "invalid accessor"));
}

http::Response renew_self(Call& call) {
  json::FieldReader fields(call.body);
  const seconds increment = fields.duration("increment");
  static_cast<void>(fields.text("token"));
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  const auto found = caller_of(call);
  if (!found) return failed(call, found.error());
  return answer_renewal(call, *found, increment, call.token);
}

http::Response renew_token(Call& call) {
  json::FieldReader fields(call.body);
  const seconds increment = fields.duration("increment");
  const std::string secret = fields.text("token");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  if (secret.empty()) return failed(call, bad_request("token", "missing token ID"));
  const auto found = call.use.tokens.find(secret);
  if (!found && found.error().code == Code::kNotFound)
    return failed(call, bad_request("token", "token not found"));
  if (!found) return failed(call, found.error());
  return answer_renewal(call, *found, increment, secret);
}

http::Response renew_accessor(Call& call) {
  json::FieldReader fields(call.body);
  const seconds increment = fields.duration("increment");
  const std::string accessor = fields.text("accessor");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  if (accessor.empty()) return failed(call, core_error(Code::kInvalidArgument, "missing accessor"));
  const auto found = call.use.tokens.by_accessor(accessor);
  if (!found && found.error().code == Code::kNotFound)
    return failed(call, core_error(Code::kInvalidArgument, "invalid accessor"));
  if (!found) return failed(call, found.error());
  return answer_renewal(call, *found, increment, "");
}

http::Response revoke_self(Call& call) {
  const auto found = caller_of(call);
  if (!found) return no_content();
  return answer_revocation(call, *found, Children::kDie);
}

http::Response revoke_token(Call& call) {
  const auto secret = token_field(call, "token");
  if (!secret) return failed(call, secret.error());
  if (secret->empty()) return failed(call, bad_request("token", "missing token ID"));
  const auto found = call.use.tokens.find(*secret);
  if (!found && found.error().code == Code::kNotFound) return no_content();
  if (!found) return failed(call, found.error());
  return answer_revocation(call, *found, Children::kDie);
}

http::Response revoke_orphan(Call& call) {
  const auto secret = token_field(call, "token");
  if (!secret) return failed(call, secret.error());
  if (secret->empty()) return failed(call, bad_request("token", "missing token ID"));
  const auto found = call.use.tokens.find(*secret);
  if (!found && found.error().code == Code::kNotFound)
    return failed(call, bad_request("token", "token to revoke not found"));
  if (!found) return failed(call, found.error());
  return answer_revocation(call, *found, Children::kLiveOn);
}

http::Response revoke_accessor(Call& call) {
  const auto accessor = token_field(call, "accessor");
  if (!accessor) return failed(call, accessor.error());
  if (accessor->empty())
    return failed(call, core_error(Code::kInvalidArgument, "missing accessor"));
  const auto found = call.use.tokens.by_accessor(*accessor);
  if (!found && found.error().code == Code::kNotFound)
    return no_data(call.request.request_id, {"No token found with this accessor"});
  if (!found) return failed(call, found.error());
  return answer_revocation(call, *found, Children::kDie);
}

http::Response tidy_tokens(Call& call) {
  constexpr std::size_t kPage = 500;
  return sweep_all(call,
                   [&](std::string_view after) { return call.use.tokens.sweep(after, kPage); });
}

http::Response list_accessors(Call& call) {
  const auto page = read_page(call.body, kMostAccessors);
  if (!page) return failed(call, field_error(page.error()));
  const auto accessors = call.use.tokens.accessors(page->after, page->limit);
  if (!accessors) return failed(call, accessors.error());
  Envelope answer(call.request.request_id);
  answer.data().begin_object().field("keys", *accessors).end_object();
  return std::move(answer).finish();
}

}  // namespace chancery::vault
