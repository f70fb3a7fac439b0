#include "protocols/admin/login_roles.h"

#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"
#include "protocols/json/certificate_role_fields.h"
#include "protocols/json/token_settings_fields.h"

// Who may log in, and what token that gives: roles of AppRole, users, and roles of certificates.

namespace chancery::admin {
namespace {

using access::AppRole;
using access::CertificateRole;
using access::User;
using Mount = access::Mounts::Entry;

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;

std::string method_path(const Call& call) {
  const json::Value* method = call.body.find("method");
  std::string path = method == nullptr ? std::string{} : method->text;
  while (path.ends_with('/')) path.pop_back();
  return path;
}

// What roles are called below a method, in Vault's API.
std::string_view folder(std::string_view type) {
  if (type == "userpass") return "users";
  return type == "cert" ? "certs" : "role";
}

json::Writer begin(const Mount& mount, std::string_view name) {
  json::Writer out(2048);
  out.begin_object().field("name", name).field("method", mount->path);
  out.field("type", mount->type);
  return out;
}

http::Response end(json::Writer out) {
  out.end_object();
  return answer(200, std::move(out));
}

http::Response show(const Mount& mount, std::string_view name, const AppRole& role) {
  json::Writer out = begin(mount, name);
  out.field("role_id", role.role_id).field("bind_secret_id", role.bind_secret_id);
  out.field("secret_id_bound_cidrs", role.secret_id_cidrs);
  out.field("secret_id_num_uses", role.secret_id_num_uses);
  out.field("secret_id_ttl", role.secret_id_ttl.count());
  json::write_token_settings(out, role.token);
  return end(std::move(out));
}

http::Response show(const Mount& mount, std::string_view name, const User& user) {
  json::Writer out = begin(mount, name);
  json::write_token_settings(out, user.token);
  return end(std::move(out));
}

http::Response show(const Mount& mount, std::string_view name, const CertificateRole& role) {
  json::Writer out = begin(mount, name);
  json::write_certificate_role(out, role);
  return end(std::move(out));
}

Result<void> read(json::FieldReader& fields, AppRole& role) {
  role.role_id = fields.text("role_id", role.role_id);
  role.bind_secret_id = fields.flag("bind_secret_id", role.bind_secret_id);
  role.secret_id_cidrs = fields.list("secret_id_bound_cidrs", role.secret_id_cidrs);
  const std::int64_t uses = fields.integer("secret_id_num_uses", role.secret_id_num_uses);
  if (uses < 0 || uses > UINT32_MAX) fields.refuse("secret_id_num_uses", "out of range");
  role.secret_id_num_uses = static_cast<std::uint32_t>(uses);
  role.secret_id_ttl = fields.duration("secret_id_ttl", role.secret_id_ttl);
  TRY(json::read_token_settings(fields, role.token));
  return finish_strictly(fields);
}

// with_rows calls `work` with the rows of a method's kind. Errors: kInvalidArgument (it has none).
template <class Work>
http::Response with_rows(const Call& call, const Mount& mount, Work work) {
  access::Methods& methods = call.use.methods;
  if (mount->type == "approle") return work(methods.approles.roles());
  if (mount->type == "userpass") return work(methods.users.rows());
  if (mount->type == "cert") return work(methods.certificates.rows());
  return failed(call, Error{Code::kInvalidArgument, "this method has no roles", {}, {}}.with(
                          "field", "method"));
}

template <class T>
http::Response committed(Call& call, Mount mount, std::string name,
                         Result<record::Staged<T>> staged) {
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [mount = std::move(mount), name = std::move(name)](const T& row) {
                        return show(mount, name, row);
                      });
}

http::Response write_user(Call& call, const Mount& mount, const std::string& name) {
  // Hashing a password takes long.
  if (!call.context.on(http::Lane::kCpu)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader first(call.body);
  const std::string password = first.text("password");
  auto staged = call.use.methods.users.put(
      *call.grant, mount->scope(), name, password,
      [&](User& user, access::Rows<User>::State) -> Result<void> {
        json::FieldReader fields(call.body);
        (void)fields.has("method");
        (void)fields.has("password");
        TRY(json::read_token_settings(fields, user.token));
        return finish_strictly(fields);
      },
      call.request.request_id);
  return committed(call, mount, name, std::move(staged));
}

http::Response write_approle(Call& call, const Mount& mount, const std::string& name) {
  auto staged = call.use.methods.approles.put(
      *call.grant, mount->scope(), name,
      [&](AppRole& role, access::Rows<AppRole>::State) -> Result<void> {
        json::FieldReader fields(call.body);
        (void)fields.has("method");
        return read(fields, role);
      },
      call.request.request_id);
  return committed(call, mount, name, std::move(staged));
}

http::Response write_certificate_role(Call& call, const Mount& mount, const std::string& name) {
  auto staged = call.use.methods.certificates.put(
      *call.grant, mount->scope(), name,
      [&](CertificateRole& role, access::Rows<CertificateRole>::State) -> Result<void> {
        json::FieldReader fields(call.body);
        (void)fields.has("method");
        TRY(json::read_certificate_role(fields, role));
        return finish_strictly(fields);
      },
      call.request.request_id);
  return committed(call, mount, name, std::move(staged));
}

}  // namespace

Error no_login_role(std::string_view name) {
  return Error{Code::kNotFound, "this method has no " + printable(name), {}, {}}.with("field",
                                                                                      "name");
}

std::string login_role_path(const Call& call, std::string_view name) {
  const std::string path = method_path(call);
  const auto mount = call.use.methods.mounts.find(access::MountKind::kAuth, path);
  std::string out = "auth/" + path + "/" + std::string(folder(mount ? mount->type : ""));
  if (!name.empty()) out += "/" + std::string(name);
  return out;
}

Result<Mount> method_of(const Call& call, json::FieldReader& fields) {
  if (fields.text("method").empty()) {
    return std::unexpected(
        Error{Code::kInvalidArgument, "say which method: the path where it stands", {}, {}}.with(
            "field", "method"));
  }
  auto mount = call.use.methods.mounts.find(access::MountKind::kAuth, method_path(call));
  if (mount) return mount;
  return std::unexpected(
      Error{Code::kNotFound, "no authentication method stands there", {}, {}}.with("field",
                                                                                   "method"));
}

http::Response list_login_roles(Call& call) {
  json::FieldReader fields(call.body);
  const auto mount = method_of(call, fields);
  const std::string after = fields.text("after");
  const std::size_t limit = read_limit(fields, kDefaultPage, kLargestPage);
  if (!mount) return failed(call, mount.error());
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  return with_rows(call, *mount, [&](auto& rows) {
    auto names = rows.list((*mount)->scope(), after, limit + 1);
    if (!names) return failed(call, names.error());
    const bool more = names->size() > limit;
    if (more) names->pop_back();
    json::Writer out;
    out.begin_object().field("roles", *names);
    return answer(200, end_page(std::move(out), *names, more));
  });
}

http::Response show_login_role(Call& call) {
  json::FieldReader fields(call.body);
  const auto mount = method_of(call, fields);
  if (!mount) return failed(call, mount.error());
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const std::string name = to_lower(call.variables[0]);
  return with_rows(call, *mount, [&](auto& rows) {
    const auto row = rows.find((*mount)->scope(), name);
    if (!row) return failed(call, row.error());
    return *row ? show(*mount, name, **row) : failed(call, no_login_role(name));
  });
}

http::Response write_login_role(Call& call) {
  json::FieldReader fields(call.body);
  const auto mount = method_of(call, fields);
  if (!mount) return failed(call, mount.error());
  const std::string name = to_lower(call.variables[0]);
  const std::string& type = (*mount)->type;
  if (type == "approle") return write_approle(call, *mount, name);
  if (type == "userpass") return write_user(call, *mount, name);
  if (type == "cert") return write_certificate_role(call, *mount, name);
  return failed(call, Error{Code::kInvalidArgument, "this method has no roles", {}, {}}.with(
                          "field", "method"));
}

http::Response delete_login_role(Call& call) {
  json::FieldReader fields(call.body);
  const auto mount = method_of(call, fields);
  if (!mount) return failed(call, mount.error());
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const std::string name = to_lower(call.variables[0]);
  const record::Scope scope = (*mount)->scope();
  const std::string& id = call.request.request_id;
  const auto gone = [&](Result<record::Staged<bool>> staged) {
    if (!staged) return failed(call, staged.error());
    return after_commit(call, *std::move(staged), [](bool) {
      return http::Response::empty(204).with_header("Cache-Control", "no-store");
    });
  };
  // With an AppRole its secrets go.
  if ((*mount)->type == "approle")
    return gone(call.use.methods.approles.erase(*call.grant, scope, name, id));
  return with_rows(call, *mount,
                   [&](auto& rows) { return gone(rows.erase(*call.grant, scope, name, id)); });
}

}  // namespace chancery::admin
