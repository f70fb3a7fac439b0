#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"
#include "protocols/admin/version.h"
#include "protocols/json/role_document.h"

namespace chancery::admin {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;

// What answers say of a profile besides its fields; a request may give it back.
constexpr std::string_view kSaid[] = {"warnings", "shipped"};

http::Response profile_answer(const policy::Profile& profile, std::uint64_t version,
                              const std::vector<std::string>& warnings) {
  json::Writer out(4096);
  out.begin_object().field("name", profile.rules.name);
  json::write_profile(out, profile);
  out.field("shipped", version == 0).field("version", version);
  if (!warnings.empty()) out.field("warnings", warnings);
  out.end_object();
  return with_version(answer(200, std::move(out)), version);
}

Error no_profile(std::string_view name) {
  return Error{Code::kNotFound, "no profile " + printable(name), {}, {}}.with("field", "name");
}

struct Asked {
  policy::Profile profile;
  enrol::ExpectedVersion version;
};

Result<Asked> read_asked(const Call& call) {
  json::FieldReader fields(call.body);
  const std::string name(call.variables[0]);
  Asked asked;
  asked.profile = TRY(call.use.enrolment.profiles().base(call.scope(), fields.text("extends")));
  json::read_profile(fields, asked.profile);
  asked.profile.rules.name = name;
  if (fields.has("name") && fields.text("name") != name) {
    fields.refuse("name", "it differs from the name in the path");
  }
  asked.version = TRY(read_version(call.request, fields));
  for (const std::string_view said : kSaid) (void)fields.has(said);
  TRY(finish_strictly(fields, json::profile_field_names()));
  return asked;
}

}  // namespace

http::Response list_profiles(Call& call) {
  json::FieldReader fields(call.body);
  const std::string after = fields.text("after");
  const std::size_t limit = read_limit(fields, kDefaultPage, kLargestPage);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto names = call.use.enrolment.profiles().list(call.scope(), after, limit + 1);
  if (!names) return failed(call, names.error());
  const bool more = names->size() > limit;
  if (more) names->pop_back();
  json::Writer out;
  out.begin_object().key("profiles").begin_array();
  for (const std::string& name : *names) {
    out.begin_object().field("name", name);
    out.field("shipped", policy::shipped_profile(name) != nullptr).end_object();
  }
  out.end_array();
  return answer(200, end_page(std::move(out), *names, more));
}

http::Response show_profile(Call& call) {
  const auto found = call.use.enrolment.profiles().find(call.scope(), call.variables[0]);
  if (!found) return failed(call, found.error());
  if (!*found) return failed(call, no_profile(call.variables[0]));
  return profile_answer((*found)->profile(), (*found)->version, {});
}

http::Response write_profile(Call& call) {
  auto asked = read_asked(call);
  if (!asked) return failed(call, asked.error());
  const auto dry_run = is_dry_run(call);
  if (!dry_run) return failed(call, dry_run.error());
  const auto render = [](const enrol::Profiles::Written& written) {
    return profile_answer(written.profile, written.version, written.warnings);
  };
  enrol::Profiles& profiles = call.use.enrolment.profiles();
  if (*dry_run) {
    const auto preview = profiles.preview(call.scope(), std::move(asked->profile), asked->version);
    return preview ? render(*preview) : failed(call, preview.error());
  }
  auto staged =
      profiles.put(*call.grant, std::move(asked->profile), asked->version, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), render);
}

http::Response delete_profile(Call& call) {
  json::FieldReader fields(call.body);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto version = expected_version(call.request);
  if (!version) return failed(call, version.error());
  auto staged = call.use.enrolment.profiles().erase(*call.grant, call.variables[0], *version,
                                                    call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const std::string&) { return http::Response::empty(204); });
}

}  // namespace chancery::admin
