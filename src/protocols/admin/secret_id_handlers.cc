#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/login_roles.h"
#include "protocols/admin/strict.h"

// Secrets of AppRole roles. They are named by their accessors and shown once.

namespace chancery::admin {
namespace {

using access::AppRole;
using access::AppRoles;

constexpr std::size_t kMostShown = 1000;

// Place is the role whose secrets a request is about.
struct Place {
  record::Scope scope;
  std::string name;
  std::shared_ptr<const AppRole> role;
};

Result<Place> place_of(const Call& call, json::FieldReader& fields) {
  const auto mount = TRY(method_of(call, fields));
  if (mount->type != "approle") {
    return std::unexpected(
        Error{Code::kInvalidArgument, "only AppRole has secrets", {}, {}}.with("field", "method"));
  }
  Place place{mount->scope(), to_lower(call.variables[0]), nullptr};
  place.role = TRY(call.use.methods.approles.roles().find(place.scope, place.name));
  if (!place.role) return std::unexpected(no_login_role(place.name));
  return place;
}

void write_secret(json::Writer& out, const access::SecretId& row, std::uint32_t uses_left) {
  out.field("accessor", row.accessor).field("created", rfc3339(row.created)).key("expires");
  if (row.expires) {
    out.string(rfc3339(*row.expires));
  } else {
    out.null();
  }
  out.field("num_uses", uses_left).field("cidr_list", row.cidrs);
  out.field("token_bound_cidrs", row.token_cidrs).key("metadata").begin_object();
  for (const auto& [name, value] : row.metadata) out.field(name, value);
  out.end_object();
}

}  // namespace

http::Response list_secret_ids(Call& call) {
  json::FieldReader fields(call.body);
  const auto place = place_of(call, fields);
  if (!place) return failed(call, place.error());
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  AppRoles& approles = call.use.methods.approles;
  const auto accessors = approles.accessors(place->scope, *place->role, kMostShown);
  if (!accessors) return failed(call, accessors.error());
  json::Writer out(4096);
  out.begin_object().key("secret_ids").begin_array();
  for (const std::string& accessor : *accessors) {
    const auto secret = approles.by_accessor(place->scope, *place->role, accessor);
    if (!secret) return failed(call, secret.error());
    if (!*secret) continue;
    write_secret(out.begin_object(), (*secret)->row, (*secret)->uses_left);
    out.end_object();
  }
  out.end_array().end_object();
  return answer(200, std::move(out));
}

http::Response make_secret_id(Call& call) {
  json::FieldReader fields(call.body);
  const auto place = place_of(call, fields);
  if (!place) return failed(call, place.error());
  AppRoles::SecretOrder order;
  order.metadata = fields.pairs("metadata");
  order.cidrs = fields.list("cidr_list");
  order.token_cidrs = fields.list("token_bound_cidrs");
  if (fields.has("ttl")) order.ttl = fields.duration("ttl");
  const bool limited = fields.has("num_uses");
  const std::int64_t uses = fields.integer("num_uses");
  if (uses < 0 || uses > UINT32_MAX) fields.refuse("num_uses", "out of range");
  if (limited) order.num_uses = static_cast<std::uint32_t>(uses);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto staged =
      call.use.methods.approles.make_secret(*call.grant, place->scope, place->name, *place->role,
                                            std::move(order), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [role_id = place->role->role_id](const AppRoles::MadeSecret& made) {
                        json::Writer out(4096);  // so that the secret is written in one place only
                        out.begin_object().field("role_id", role_id);
                        out.field("secret_id", made.secret);
                        write_secret(out, made.row, made.row.num_uses);
                        out.end_object();
                        return answer(201, std::move(out)).secret();
                      });
}

http::Response destroy_secret_id(Call& call) {
  json::FieldReader fields(call.body);
  const auto place = place_of(call, fields);
  if (!place) return failed(call, place.error());
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  AppRoles& approles = call.use.methods.approles;
  const auto secret = approles.by_accessor(place->scope, *place->role, call.variables[1]);
  if (!secret) return failed(call, secret.error());
  if (!*secret) return failed(call, no_login_role(call.variables[1]));
  return after_commit(
      call,
      approles.destroy(*call.grant, place->scope, place->name, *place->role, **secret,
                       call.request.request_id),
      [](bool) { return http::Response::empty(204).with_header("Cache-Control", "no-store"); });
}

}  // namespace chancery::admin
