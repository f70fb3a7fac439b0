#include "base/text.h"
#include "protocols/json/token_settings_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/sweep.h"
#include "protocols/vault/warnings.h"

// auth/approle: the secrets of roles.

namespace chancery::vault {
namespace {

using access::AppRole;
using access::AppRoles;

constexpr std::size_t kMostSecrets = 100'000;
constexpr std::size_t kTidyPage = 500;

Error bad_request(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

std::string role_of(const Call& call) { return to_lower(call.variable()); }

std::string no_role(const Call& call) {
  return "role \"" + printable(role_of(call)) + "\" does not exist";
}

Result<std::shared_ptr<const AppRole>> find_role(Call& call) {
  return call.use.methods.approles.roles().find(call.scope(), role_of(call));
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// read_metadata reads a JSON object of texts, or "a=b,c=d".
Result<Pairs> read_metadata(std::string_view text) {
  Pairs out;
  text = trim(text);
  if (text.empty()) return out;
  const auto refuse = [](std::string_view why) {
    return std::unexpected(bad_request(
        "metadata", "failed to parse metadata: failed to parse the input: " + std::string(why)));
  };
  if (text.starts_with('{')) {
    const json::Body body = TRY(json::Body::parse_json(text));
    for (const auto& [name, value] : body.members()) {
      if (value.kind != json::Value::Kind::kString) return refuse("the values must be texts");
      out.emplace_back(name, value.text);
    }
    return out;
  }
  for (const std::string_view pair : split(text, ',')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || trim(pair.substr(0, equals)).empty())
      return refuse("invalid <key,value> format");
    out.emplace_back(trim(pair.substr(0, equals)), trim(pair.substr(equals + 1)));
  }
  return out;
}

Result<AppRoles::SecretOrder> read_order(Call& call, std::vector<std::string>& unknown) {
  json::FieldReader fields(call.body);
  AppRoles::SecretOrder order;
  order.secret = fields.text("secret_id");
  const std::string metadata = fields.text("metadata");
  order.cidrs = fields.list("cidr_list");
  order.token_cidrs = fields.list("token_bound_cidrs");
  const std::int64_t uses = fields.integer("num_uses");
  if (fields.has("ttl")) order.ttl = fields.duration("ttl");
  const bool limited = fields.has("num_uses");
  static_cast<void>(fields.text("role_name"));
  auto rest = fields.finish();
  if (!rest) return std::unexpected(field_error(std::move(rest).error()));
  unknown = *std::move(rest);
  if (uses < 0) return std::unexpected(bad_request("num_uses", "num_uses cannot be negative"));
  if (uses > UINT32_MAX) return std::unexpected(bad_request("num_uses", "num_uses is too large"));
  if (limited) order.num_uses = static_cast<std::uint32_t>(uses);
  order.metadata = TRY(read_metadata(metadata));
  return order;
}

http::Response make(Call& call, AppRoles::SecretOrder order,
                    const std::vector<std::string>& unknown) {
  const auto role = find_role(call);
  if (!role) return failed(call, role.error());
  if (!*role) return failed(call, {Code::kNotFound, no_role(call), {}, {}});
  auto staged = call.use.methods.approles.make_secret(
      *call.grant, call.scope(), role_of(call), **role, std::move(order), call.request.request_id);
  if (!staged) return failed(call, wrapped(std::move(staged).error()));
  std::vector<std::string> warnings;
  warn_of_unknown(warnings, unknown);
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, warnings](const AppRoles::MadeSecret& made) {
                        Envelope answer(id, 4096);
                        answer.data().begin_object().field("secret_id", made.secret);
                        answer.data().field("secret_id_accessor", made.row.accessor);
                        answer.data().field("secret_id_num_uses", made.row.num_uses);
                        answer.data().field("secret_id_ttl", made.row.ttl.count()).end_object();
                        return std::move(answer).finish(warnings).secret();
                      });
}

void write_secret(json::Writer& out, const AppRoles::FoundSecret& secret) {
  const access::SecretId& row = secret.row;
  out.begin_object().field("cidr_list", row.cidrs).field("creation_time", rfc3339(row.created));
  out.field("expiration_time", row.expires ? rfc3339(*row.expires) : "0001-01-01T00:00:00Z");
  out.field("last_updated_time", rfc3339(row.created)).key("metadata").begin_object();
  for (const auto& [name, value] : row.metadata) out.field(name, value);
  out.end_object().field("secret_id_accessor", row.accessor);
  out.field("secret_id_num_uses", secret.uses_left).field("secret_id_ttl", row.ttl.count());
  out.field("token_bound_cidrs", row.token_cidrs).end_object();
}

// Wanted is a secret that a request names, by itself or by its accessor.
struct Wanted {
  bool by_accessor = false;
  std::string text;
  std::shared_ptr<const AppRole> role;
  std::optional<AppRoles::FoundSecret> secret;
};

Result<Wanted> find_wanted(Call& call) {
  Wanted wanted;
  wanted.by_accessor = call.path.contains("/secret-id-accessor/");
  const std::string_view field = wanted.by_accessor ? "secret_id_accessor" : "secret_id";
  json::FieldReader fields(call.body);
  wanted.text = fields.text(field);
  static_cast<void>(fields.text("role_name"));
  if (auto rest = fields.finish(); !rest)
    return std::unexpected(field_error(std::move(rest).error()));
  if (wanted.text.empty())
    return std::unexpected(bad_request(field, "missing " + std::string(field)));
  wanted.role = TRY(find_role(call));
  if (!wanted.role) return std::unexpected(core_error(Code::kInvalidArgument, no_role(call)));
  auto& approles = call.use.methods.approles;
  wanted.secret =
      TRY(wanted.by_accessor ? approles.by_accessor(call.scope(), *wanted.role, wanted.text)
                             : approles.find_secret(call.scope(), *wanted.role, wanted.text));
  return wanted;
}

std::string no_accessor(const Wanted& wanted) {
  return "failed to find accessor entry for secret_id_accessor: \"" + printable(wanted.text) + "\"";
}

}  // namespace

http::Response list_secret_ids(Call& call) {
  const auto role = find_role(call);
  if (!role) return failed(call, role.error());
  if (!*role) return failed(call, bad_request("role_name", no_role(call)));
  const auto accessors = call.use.methods.approles.accessors(call.scope(), **role, kMostSecrets);
  if (!accessors) return failed(call, accessors.error());
  return names_answer(call.request.request_id, *accessors);
}

http::Response make_secret_id(Call& call) {
  std::vector<std::string> unknown;
  auto order = read_order(call, unknown);
  if (!order) return failed(call, order.error());
  // Chosen ones have a path of their own, which a policy can keep apart.
  if (!order->secret.empty()) {
    order->secret.clear();
    unknown.emplace_back("secret_id");
  }
  return make(call, *std::move(order), unknown);
}

http::Response make_custom_secret_id(Call& call) {
  std::vector<std::string> unknown;
  auto order = read_order(call, unknown);
  if (!order) return failed(call, order.error());
  if (order->secret.empty()) return failed(call, bad_request("secret_id", "missing secret_id"));
  return make(call, *std::move(order), unknown);
}

http::Response lookup_secret_id(Call& call) {
  const auto wanted = find_wanted(call);
  if (!wanted) return failed(call, wanted.error());
  if (!wanted->secret && !wanted->by_accessor) return no_content();
  Envelope answer(call.request.request_id);
  if (!wanted->secret) {
    answer.data().begin_object().field("error", no_accessor(*wanted)).end_object();
    http::Response response = std::move(answer).finish();
    response.set_status(404);
    return response;
  }
  write_secret(answer.data(), *wanted->secret);
  return std::move(answer).finish();
}

http::Response destroy_secret_id(Call& call) {
  const auto wanted = find_wanted(call);
  if (!wanted) return failed(call, wanted.error());
  if (!wanted->secret && wanted->by_accessor)
    return failed(call, core_error(Code::kInvalidArgument, no_accessor(*wanted)));
  if (!wanted->secret) return no_content();
  return after_commit(
      call,
      call.use.methods.approles.destroy(*call.grant, call.scope(), role_of(call), *wanted->role,
                                        *wanted->secret, call.request.request_id),
      [](bool) { return no_content(); });
}

http::Response tidy_secret_ids(Call& call) {
  return sweep_all(call, [&](std::string_view after) {
    return call.use.methods.approles.sweep(call.scope(), after, kTidyPage);
  });
}

}  // namespace chancery::vault
