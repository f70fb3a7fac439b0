#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"
#include "protocols/admin/version.h"
#include "protocols/json/role_document.h"

namespace chancery::admin {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;

http::Response role_answer(const policy::Role& role, std::uint64_t version,
                           const std::vector<std::string>& warnings) {
  json::Writer out(2048);
  out.begin_object().field("name", role.name);
  json::write_role(out, role);
  out.field("version", version);
  if (!warnings.empty()) out.field("warnings", warnings);
  out.end_object();
  return with_version(answer(200, std::move(out)), version);
}

Error no_role(std::string_view name) {
  return Error{Code::kNotFound, "no role " + printable(name), {}, {}}.with("field", "name");
}

}  // namespace

http::Response list_roles(Call& call) {
  json::FieldReader fields(call.body);
  const std::string after = fields.text("after");
  const std::size_t limit = read_limit(fields, kDefaultPage, kLargestPage);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto names = call.use.enrolment.roles().list(call.scope(), after, limit + 1);
  if (!names) return failed(call, names.error());
  const bool more = names->size() > limit;
  if (more) names->pop_back();
  json::Writer out;
  out.begin_object().field("roles", *names);
  return answer(200, end_page(std::move(out), *names, more));
}

http::Response show_role(Call& call) {
  const auto role = call.use.enrolment.roles().read(call.scope(), call.variables[0]);
  if (!role) return failed(call, role.error());
  if (!*role) return failed(call, no_role(call.variables[0]));
  return role_answer((*role)->role, (*role)->version, {});
}

http::Response write_role(Call& call) {
  json::FieldReader fields(call.body);
  policy::Role role = json::read_role(std::string(call.variables[0]), fields);
  // What a read answers can be written back: its name must be the path's.
  if (fields.has("name") && fields.text("name") != role.name) {
    fields.refuse("name", "it differs from the name in the path");
  }
  (void)fields.has("warnings");
  const auto version = read_version(call.request, fields);
  if (!version) return failed(call, version.error());
  if (const auto read = finish_strictly(fields, json::role_field_names()); !read) {
    return failed(call, read.error());
  }
  const auto dry_run = is_dry_run(call);
  if (!dry_run) return failed(call, dry_run.error());
  const auto render = [](const enrol::Roles::Written& written) {
    return role_answer(written.role, written.version, written.warnings);
  };
  enrol::Roles& roles = call.use.enrolment.roles();
  if (*dry_run) {
    const auto preview = roles.preview(call.scope(), std::move(role), *version);
    return preview ? render(*preview) : failed(call, preview.error());
  }
  auto staged = roles.put(*call.grant, std::move(role), call.request.request_id, *version);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), render);
}

http::Response delete_role(Call& call) {
  json::FieldReader fields(call.body);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto version = expected_version(call.request);
  if (!version) return failed(call, version.error());
  auto staged = call.use.enrolment.roles().erase(*call.grant, call.variables[0],
                                                 call.request.request_id, *version);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const enrol::Roles::Erased&) { return http::Response::empty(204); });
}

}  // namespace chancery::admin
