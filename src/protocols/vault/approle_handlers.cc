#include <algorithm>
#include <array>

#include "base/text.h"
#include "protocols/json/token_settings_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/login_answer.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

// auth/approle: roles, their fields one by one, login.

namespace chancery::vault {
namespace {

using access::AppRole;
using Rows = access::Rows<AppRole>;

constexpr std::size_t kMostRoles = 100'000;

Error bad_request(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

Error no_such_path() { return core_error(Code::kNotFound, "unsupported path"); }

std::string role_of(const Call& call) { return to_lower(call.variable()); }

Result<std::shared_ptr<const AppRole>> find_role(Call& call) {
  return call.use.methods.approles.roles().find(call.scope(), role_of(call));
}

void write_or_null(json::Writer& out, std::string_view name, const std::vector<std::string>& list) {
  if (list.empty()) {
    out.key(name).null();
  } else {
    out.field(name, list);
  }
}

Result<void> read_uses(json::FieldReader& fields, AppRole& role) {
  const std::int64_t uses = fields.integer("secret_id_num_uses", role.secret_id_num_uses);
  if (uses < 0 || uses > UINT32_MAX) {
    return std::unexpected(
        bad_request("secret_id_num_uses", uses < 0 ? "secret_id_num_uses cannot be negative"
                                                   : "secret_id_num_uses is too large"));
  }
  role.secret_id_num_uses = static_cast<std::uint32_t>(uses);
  return {};
}

constexpr std::string_view kOldNetworks = "bound_cidr_list";

bool is_old(const AppRole& role, std::string_view name) {
  const auto& old = role.token.old_names;
  return std::ranges::find(old, name) != old.end();
}

// read_secret_networks takes the networks of secrets, by their old name as well.
void read_secret_networks(json::FieldReader& fields, AppRole& role) {
  auto& old_names = role.token.old_names;
  const bool old = fields.has(kOldNetworks);
  if (old || fields.has("secret_id_bound_cidrs")) std::erase(old_names, kOldNetworks);
  if (old) {
    role.secret_id_cidrs = fields.list(kOldNetworks);
    old_names.emplace_back(kOldNetworks);
  }
  role.secret_id_cidrs = fields.list("secret_id_bound_cidrs", role.secret_id_cidrs);
  std::erase(role.secret_id_cidrs, "");
}

Result<void> read_role(json::FieldReader& fields, AppRole& role, Rows::State state) {
  role.bind_secret_id = fields.flag("bind_secret_id", role.bind_secret_id);
  role.role_id = fields.text("role_id", role.role_id);
  read_secret_networks(fields, role);
  TRY(read_uses(fields, role));
  role.secret_id_ttl = fields.duration("secret_id_ttl", role.secret_id_ttl);
  const bool local = fields.flag("local_secret_ids", role.local_secret_ids);
  if (state == Rows::State::kThere && local != role.local_secret_ids) {
    return std::unexpected(bad_request(
        "local_secret_ids", "local_secret_ids can only be modified during role creation"));
  }
  role.local_secret_ids = local;
  static_cast<void>(fields.text("role_name"));
  TRY(read_token_settings(fields, role.token));
  TRY(fields.finish());
  return {};
}

Result<record::Staged<AppRole>> stage(Call& call, const access::AppRoles::Change& change) {
  return call.use.methods.approles.put(*call.grant, call.scope(), call.variable(), change,
                                       call.request.request_id);
}

http::Response answer(Call& call, Result<record::Staged<AppRole>> staged) {
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const AppRole&) { return no_content(); });
}

// put changes a whole role; what its rules refuse Vault's core words.
http::Response put(Call& call, const access::AppRoles::Change& change) {
  auto staged = stage(call, change);
  if (!staged) return failed(call, wrapped(std::move(staged).error()));
  return answer(call, std::move(staged));
}

using Texts = std::vector<std::string>;

// Field is a path below a role that shows and changes one of its fields.
struct Field {
  std::string_view path;  // the last segment
  std::string_view name;  // in bodies
  void (*write)(json::Writer&, std::string_view name, const AppRole&);
  Result<void> (*read)(json::FieldReader&, AppRole&);
  void (*clear)(AppRole&);
  bool required = true;                // a write without it is refused
  std::string_view missing_name = {};  // in that refusal, where it is another
};

Result<void> read_token_field(json::FieldReader& fields, AppRole& role) {
  return read_token_settings(fields, role.token);
}

constexpr std::array kFields{
    Field{"policies", "token_policies",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            if (!role.token.policies.empty() && is_old(role, "policies"))
              out.field("policies", role.token.policies);
            out.field(name, role.token.policies);
          },
          read_token_field,
          [](AppRole& role) {
            role.token.policies.clear();
            std::erase(role.token.old_names, "policies");
          }},
    Field{"secret-id-num-uses", "secret_id_num_uses",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            out.field(name, role.secret_id_num_uses);
          },
          read_uses, [](AppRole& role) { role.secret_id_num_uses = 0; }},
    Field{"secret-id-ttl", "secret_id_ttl",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            out.field(name, role.secret_id_ttl.count());
          },
          [](json::FieldReader& fields, AppRole& role) -> Result<void> {
            role.secret_id_ttl = fields.duration("secret_id_ttl");
            return {};
          },
          [](AppRole& role) { role.secret_id_ttl = seconds{0}; }},
    Field{"secret-id-bound-cidrs", "secret_id_bound_cidrs",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            write_or_null(out, name, role.secret_id_cidrs);
          },
          [](json::FieldReader& fields, AppRole& role) -> Result<void> {
            read_secret_networks(fields, role);
            return {};
          },
          [](AppRole& role) { role.secret_id_cidrs.clear(); }, false},
    Field{"bound-cidr-list", "bound_cidr_list",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            write_or_null(out, name, is_old(role, kOldNetworks) ? role.secret_id_cidrs : Texts{});
          },
          [](json::FieldReader& fields, AppRole& role) -> Result<void> {
            read_secret_networks(fields, role);
            return {};
          },
          [](AppRole& role) { role.secret_id_cidrs.clear(); }, false},
    Field{"token-ttl", "token_ttl",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            out.field(name, role.token.ttl.count());
          },
          [](json::FieldReader& fields, AppRole& role) -> Result<void> {
            TRY(read_token_settings(fields, role.token));
            if (role.token.max_ttl.count() == 0 || role.token.ttl <= role.token.max_ttl) return {};
            return std::unexpected(
                bad_request("token_ttl", "token_ttl should not be greater than token_max_ttl"));
          },
          [](AppRole& role) { role.token.ttl = seconds{0}; }},
    Field{"token-max-ttl", "token_max_ttl",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            out.field(name, role.token.max_ttl.count());
          },
          [](json::FieldReader& fields, AppRole& role) -> Result<void> {
            TRY(read_token_settings(fields, role.token));
            if (role.token.max_ttl.count() == 0 || role.token.ttl <= role.token.max_ttl) return {};
            return std::unexpected(bad_request(
                "token_max_ttl", "token_max_ttl should be greater than or equal to token_ttl"));
          },
          [](AppRole& role) { role.token.max_ttl = seconds{0}; }},
    Field{"token-num-uses", "token_num_uses",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            out.field(name, role.token.num_uses);
          },
          read_token_field, [](AppRole& role) { role.token.num_uses = 0; }},
    Field{"token-bound-cidrs", "token_bound_cidrs",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            write_or_null(out, name, role.token.bound_cidrs);
          },
          read_token_field, [](AppRole& role) { role.token.bound_cidrs.clear(); }, false},
    Field{"period", "token_period",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            const auto period = role.token.period.count();
            if (period > 0 && is_old(role, "period")) out.field("period", period);
            out.field(name, period);
          },
          read_token_field,
          [](AppRole& role) {
            role.token.period = seconds{0};
            std::erase(role.token.old_names, "period");
          },
          true, "period"},
    Field{"local-secret-ids", "local_secret_ids",
          [](json::Writer& out, std::string_view name, const AppRole& role) {
            out.field(name, role.local_secret_ids);
          },
          nullptr, nullptr},
};

// The field that a path is about; every such row of the route table has one.
const Field& field_of(const Call& call) {
  const std::string_view last = call.path.substr(call.path.rfind('/') + 1);
  return *std::ranges::find(kFields, last, &Field::path);
}

}  // namespace

http::Response approle_login(Call& call) {
  json::FieldReader fields(call.body);
  const std::string role_id = fields.text("role_id");
  const std::string secret = fields.text("secret_id");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  return answer_login(call, call.use.methods.approles.log_in(login_of(call), role_id, secret));
}

http::Response list_approles(Call& call) {
  const auto page = read_page(call.body, kMostRoles);
  if (!page) return failed(call, field_error(page.error()));
  const auto names = call.use.methods.approles.roles().list(call.scope(), page->after, page->limit);
  if (!names) return failed(call, names.error());
  return names_answer(call.request.request_id, *names);
}

http::Response read_approle(Call& call) {
  const auto found = find_role(call);
  if (!found) return failed(call, found.error());
  if (!*found) return absent();
  const AppRole& role = **found;
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object();
  out.field("bind_secret_id", role.bind_secret_id);
  out.field("local_secret_ids", role.local_secret_ids);
  write_or_null(out, "secret_id_bound_cidrs", role.secret_id_cidrs);
  out.field("secret_id_num_uses", role.secret_id_num_uses);
  out.field("secret_id_ttl", role.secret_id_ttl.count());
  write_token_settings(out, role.token);
  out.end_object();
  return std::move(answer).finish();
}

http::Response write_approle(Call& call) {
  return put(call, [&](AppRole& role, Rows::State state) {
    json::FieldReader fields(call.body);
    return read_role(fields, role, state);
  });
}

http::Response delete_approle(Call& call) {
  auto staged = call.use.methods.approles.erase(*call.grant, call.scope(), call.variable(),
                                                call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

http::Response read_role_id(Call& call) {
  const auto role = find_role(call);
  if (!role) return failed(call, role.error());
  if (!*role) return absent();
  Envelope answer(call.request.request_id);
  answer.data().begin_object().field("role_id", (*role)->role_id).end_object();
  return std::move(answer).finish();
}

http::Response write_role_id(Call& call) {
  json::FieldReader fields(call.body);
  const std::string role_id = fields.text("role_id");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  return put(call, [&](AppRole& role, Rows::State state) -> Result<void> {
    if (state == Rows::State::kNew) return std::unexpected(no_such_path());
    if (role_id.empty()) return std::unexpected(bad_request("role_id", "missing role_id"));
    role.role_id = role_id;
    return {};
  });
}

http::Response read_approle_field(Call& call) {
  const auto role = find_role(call);
  if (!role) return failed(call, role.error());
  if (!*role) return absent();
  const Field& field = field_of(call);
  Envelope answer(call.request.request_id);
  field.write(answer.data().begin_object(), field.name, **role);
  answer.data().end_object();
  std::vector<std::string> warnings;
  if (field.path == "bound-cidr-list") {
    warnings.emplace_back(
        "The \"bound_cidr_list\" field is deprecated and will be removed. Please use "
        "\"secret_id_bound_cidrs\" instead.");
  }
  return std::move(answer).finish(warnings);
}

http::Response write_approle_field(Call& call) {
  const Field& field = field_of(call);
  auto staged = stage(call, [&](AppRole& role, Rows::State state) -> Result<void> {
    if (state == Rows::State::kNew) return std::unexpected(no_such_path());
    json::FieldReader fields(call.body);
    const std::string_view old =
        field.name.starts_with("token_") ? field.name.substr(6) : field.name;
    const std::string_view shown = field.missing_name.empty() ? field.name : field.missing_name;
    if (field.required && !fields.has(field.name) && !fields.has(old))
      return std::unexpected(bad_request(field.name, "missing " + std::string(shown)));
    TRY(field.read(fields, role));
    if (const auto rest = fields.finish(); !rest) return std::unexpected(field_error(rest.error()));
    return {};
  });
  return answer(call, std::move(staged));
}

http::Response delete_approle_field(Call& call) {
  const auto found = find_role(call);
  if (!found) return failed(call, found.error());
  if (!*found) return no_content();
  return put(call, [&](AppRole& role, Rows::State state) -> Result<void> {
    if (state == Rows::State::kNew) return fail(Code::kConflict, "the role was removed meanwhile");
    field_of(call).clear(role);
    return {};
  });
}

}  // namespace chancery::vault
