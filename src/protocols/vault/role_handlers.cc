#include "base/text.h"
#include "protocols/json/role_document.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

namespace chancery::vault {
namespace {

constexpr std::size_t kMostRoles = 100'000;

void write_data(json::Writer& out, const policy::Role& role) {
  out.begin_object();
  json::write_role(out, role);
  out.end_object();
}

// A role may name an issuer that is yet to come.
void warn_of_issuer(const Call& call, const policy::Role& role,
                    std::vector<std::string>& warnings) {
  const auto issuer = call.use.service.authority(call.scope(), role.issuer_ref);
  if (issuer || issuer.error().code != Code::kNotFound) return;
  warnings.push_back("Issuing Certificate was set to " + printable(role.issuer_ref) +
                     " but no issuing certificate currently has that name");
}

}  // namespace

http::Response list_roles(Call& call) {
  const auto page = read_page(call.body, kMostRoles);
  if (!page) return failed(call, field_error(page.error()));
  const auto names = call.use.enrolment.roles().list(call.scope(), page->after, page->limit);
  if (!names) return failed(call, names.error());
  if (names->empty()) return absent();
  Envelope answer(call.request.request_id);
  answer.data().begin_object().field("keys", *names).end_object();
  return std::move(answer).finish();
}

http::Response read_role(Call& call) {
  // Not the compiled one: many roles are read that nothing is issued under.
  const auto stored = call.use.enrolment.roles().read(call.scope(), call.variable());
  if (!stored) return failed(call, stored.error());
  if (!*stored) return absent();
  Envelope answer(call.request.request_id, 2048);
  write_data(answer.data(), (*stored)->role);
  return std::move(answer).finish();
}

namespace {

// put_role stores the role that `body` describes; where that was made of a version of it, only if
// the commit still finds that one: else the handler runs again.
http::Response put_role(Call& call, const json::Body& body, std::optional<std::uint64_t> made_of) {
  json::FieldReader fields(body);
  policy::Role role = json::read_role(std::string(call.variable()), fields);
  (void)fields.has("name");  // hvac repeats the name of the path
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));

  std::vector<std::string> warnings;
  warn_of_issuer(call, role, warnings);
  warn_of_unknown(warnings, *unknown);
  auto& roles = call.use.enrolment.roles();
  auto staged = roles.put(*call.grant, std::move(role), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  if (made_of) {
    staged->writes().require_version(
        {record::StateKind::kRole, call.scope(), std::string(call.variable())}, *made_of);
  }
  const auto render = [&id = call.request.request_id,
                       warnings = std::move(warnings)](const enrol::Roles::Written& written) {
    std::vector<std::string> all = written.warnings;
    all.insert(all.end(), warnings.begin(), warnings.end());
    Envelope answer(id, 2048);
    write_data(answer.data(), written.role);
    return std::move(answer).finish(all);
  };
  return after_commit(call, *std::move(staged), render);
}

}  // namespace

http::Response write_role(Call& call) { return put_role(call, call.body, {}); }

http::Response patch_role(Call& call) {
  const auto role = call.use.enrolment.roles().read(call.scope(), call.variable());
  if (!role) return failed(call, role.error());
  if (!*role) {
    return failed(call,
                  Error{Code::kInvalidArgument, "Unable to fetch role entry to patch", {}, {}}.with(
                      "field", "name"));
  }
  json::Writer present(2048);
  write_data(present, (*role)->role);
  const auto body = json::Body::parse_json(present.text());
  if (!body) return failed(call, body.error());
  const auto patched = body->patched(call.body);
  return patched ? put_role(call, *patched, (*role)->version) : failed(call, patched.error());
}

http::Response delete_role(Call& call) {
  auto staged =
      call.use.enrolment.roles().erase(*call.grant, call.variable(), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const enrol::Roles::Erased&) { return no_content(); });
}

}  // namespace chancery::vault
