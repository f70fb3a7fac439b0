#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

// Policies: who may do what.

namespace chancery::admin {
namespace {

constexpr std::string_view kTenant = "root";

http::Response policy_answer(std::string_view name, std::string_view text,
                             const std::vector<std::string>& warnings) {
  json::Writer out(1024);
  out.begin_object().field("name", name).field("policy", text);
  if (!warnings.empty()) out.field("warnings", warnings);
  out.end_object();
  return answer(200, std::move(out));
}

}  // namespace

http::Response list_policies(Call& call) {
  json::FieldReader fields(call.body);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto names = call.use.policies.list(kTenant);
  if (!names) return failed(call, names.error());
  json::Writer out;
  out.begin_object().field("policies", *names).end_object();
  return answer(200, std::move(out));
}

http::Response show_policy(Call& call) {
  const std::string name = to_lower(call.variables[0]);
  const auto policy = call.use.policies.find(kTenant, name);
  if (!policy) return failed(call, policy.error());
  if (*policy) return policy_answer(name, (*policy)->text, {});
  return failed(
      call, Error{Code::kNotFound, "no policy " + printable(name), {}, {}}.with("field", "name"));
}

http::Response write_policy(Call& call) {
  json::FieldReader fields(call.body);
  const std::string text = fields.text("policy");
  if (text.empty()) fields.refuse("policy", "give the policy's text, in HCL or JSON");
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto staged =
      call.use.policies.put(*call.grant, call.variables[0], text, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [name = to_lower(call.variables[0])](const access::Policies::Written& made) {
                        return policy_answer(name, made.policy.text, made.warnings);
                      });
}

http::Response delete_policy(Call& call) {
  auto staged = call.use.policies.erase(*call.grant, call.variables[0], call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) {
    return http::Response::empty(204).with_header("Cache-Control", "no-store");
  });
}

}  // namespace chancery::admin
