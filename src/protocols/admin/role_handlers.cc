#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"
#include "protocols/json/role_document.h"

namespace chancery::admin {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;

json::Writer role_document(const policy::Role& role, const std::vector<std::string>& warnings) {
  json::Writer out(2048);
  out.begin_object().field("name", role.name);
  json::write_role(out, role);
  if (!warnings.empty()) out.field("warnings", warnings);
  out.end_object();
  return out;
}

Error no_role(std::string_view name) {
  return Error{Code::kNotFound, "no role " + printable(name), {}, {}}.with("field", "name");
}

http::Response preview_role(const Call& call, policy::Role role) {
  const auto warnings = call.use.enrolment.roles().check(call.scope(), role);
  if (!warnings) return failed(call, warnings.error());
  return answer(200, role_document(role, *warnings));
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
  out.begin_object().field("roles", *names).key("next");
  if (more) {
    out.string(names->back());
  } else {
    out.null();
  }
  out.end_object();
  return answer(200, std::move(out));
}

http::Response show_role(Call& call) {
  const auto role = call.use.enrolment.roles().find(call.scope(), call.variables[0]);
  if (!role) return failed(call, role.error());
  if (!*role) return failed(call, no_role(call.variables[0]));
  return answer(200, role_document(**role, {}));
}

http::Response write_role(Call& call) {
  json::FieldReader fields(call.body);
  policy::Role role = json::read_role(std::string(call.variables[0]), fields);
  // What a read answers can be written back: its name must be the path's.
  if (fields.has("name") && fields.text("name") != role.name) {
    fields.refuse("name", "it differs from the name in the path");
  }
  (void)fields.has("warnings");
  if (const auto read = finish_strictly(fields, json::role_field_names()); !read) {
    return failed(call, read.error());
  }
  const auto dry_run = is_dry_run(call);
  if (!dry_run) return failed(call, dry_run.error());
  if (*dry_run) return preview_role(call, std::move(role));
  auto staged =
      call.use.enrolment.roles().put(*call.grant, std::move(role), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const enrol::Roles::Written& written) {
    return answer(200, role_document(written.role, written.warnings));
  });
}

http::Response delete_role(Call& call) {
  auto staged =
      call.use.enrolment.roles().erase(*call.grant, call.variables[0], call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const enrol::Roles::Erased&) { return http::Response::empty(204); });
}

}  // namespace chancery::admin
