#include <algorithm>

#include "access/acl.h"
#include "base/text.h"
#include "protocols/json/field_reader.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

// sys/policies/acl, sys/policy (the older form) and sys/capabilities*.

namespace chancery::vault {
namespace {

constexpr std::size_t kMostPolicies = 100'000;
constexpr std::size_t kMostPaths = 1000;

Error bad_request(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

Result<std::vector<std::string>> policy_names(Call& call) {
  auto page = read_page(call.body, kMostPolicies);
  if (!page) return std::unexpected(field_error(std::move(page).error()));
  auto names = TRY(call.use.policies.list(call.scope().tenant));
  std::erase_if(names, [&](const std::string& name) { return name <= page->after; });
  if (names.size() > page->limit) names.resize(page->limit);
  return names;
}

// policy_answer: the text is called "policy" in the newer form and "rules" in the older one.
http::Response policy_answer(Call& call, std::string_view text_member) {
  const std::string name = to_lower(call.variable());
  const auto policy = call.use.policies.find(call.scope().tenant, name);
  if (!policy) return failed(call, policy.error());
  if (!*policy) return absent();
  json::Writer data;
  data.begin_object().field("name", name).field(text_member, (*policy)->text).end_object();
  if (text_member == "rules") return injected(call.request.request_id, data.text());
  Envelope answer(call.request.request_id);
  answer.data().raw(data.text());
  return std::move(answer).finish();
}

// The paths that a question about capabilities asks for.
Result<std::vector<std::string>> asked_paths(json::FieldReader& fields) {
  auto paths = fields.list("paths");
  if (paths.empty()) paths = fields.list("path");
  auto rest = fields.finish();
  if (!rest) return std::unexpected(field_error(std::move(rest).error()));
  if (paths.empty()) return std::unexpected(bad_request("paths", "paths must be supplied"));
  if (paths.size() > kMostPaths) return std::unexpected(bad_request("paths", "too many paths"));
  std::ranges::sort(paths);
  const auto [first, last] = std::ranges::unique(paths);
  paths.erase(first, last);
  return paths;
}

http::Response capabilities_answer(Call& call, const access::Acl& acl,
                                   const std::vector<std::string>& paths) {
  json::Writer data;
  data.begin_object();
  if (paths.size() == 1) data.field("capabilities", acl.capabilities(paths.front()));
  for (const std::string& path : paths) {
    if (path != "capabilities") data.field(path, acl.capabilities(path));
  }
  data.end_object();
  return injected(call.request.request_id, data.text());
}

http::Response capabilities_of(Call& call, const Result<access::Tokens::Found>& found,
                               json::FieldReader& fields, std::string_view unknown) {
  const auto paths = asked_paths(fields);
  if (!paths) return failed(call, paths.error());
  if (!found) {
    if (found.error().code != Code::kNotFound) return failed(call, found.error());
    return failed(call, core_error(Code::kInvalidArgument, unknown));
  }
  const auto acl = call.use.policies.acl(call.scope().tenant, found->token->policies);
  if (!acl) return failed(call, acl.error());
  return capabilities_answer(call, **acl, *paths);
}

}  // namespace

http::Response list_policies(Call& call) {
  const auto names = policy_names(call);
  if (!names) return failed(call, names.error());
  Envelope answer(call.request.request_id);
  answer.data().begin_object().field("keys", *names).end_object();
  return std::move(answer).finish();
}

http::Response list_policies_old(Call& call) {
  const auto names = policy_names(call);
  if (!names) return failed(call, names.error());
  json::Writer data;
  data.begin_object().field("keys", *names).field("policies", *names).end_object();
  return injected(call.request.request_id, data.text());
}

http::Response read_policy(Call& call) { return policy_answer(call, "policy"); }
http::Response read_policy_old(Call& call) { return policy_answer(call, "rules"); }

http::Response write_policy(Call& call) {
  json::FieldReader fields(call.body);
  std::string text = fields.text("policy");
  if (text.empty()) text = fields.text("rules");
  const auto rest = fields.finish();
  if (!rest) return failed(call, field_error(rest.error()));
  if (text.empty())
    return failed(call, bad_request("policy", "'policy' parameter not supplied or empty"));
  // Some clients wrap the text.
  if (const auto unwrapped = parse_base64(text)) text = as_text(*unwrapped);
  auto staged = call.use.policies.put(*call.grant, call.variable(), text, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  std::vector<std::string> warnings;
  warn_of_unknown(warnings, *rest);
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, warnings](const access::Policies::Written& written) {
        std::vector<std::string> all = warnings;
        all.insert(all.end(), written.warnings.begin(), written.warnings.end());
        return all.empty() ? no_content() : no_data(id, all);
      });
}

http::Response delete_policy(Call& call) {
  auto staged = call.use.policies.erase(*call.grant, call.variable(), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

http::Response capabilities_self(Call& call) {
  json::FieldReader fields(call.body);
  const auto paths = asked_paths(fields);
  if (!paths) return failed(call, paths.error());
  return capabilities_answer(call, *call.caller->principal.acl, *paths);
}

http::Response capabilities_token(Call& call) {
  json::FieldReader fields(call.body);
  const std::string token = fields.text("token");
  return capabilities_of(call, call.use.tokens.find(token), fields, "invalid token");
}

http::Response capabilities_accessor(Call& call) {
  json::FieldReader fields(call.body);
  const std::string accessor = fields.text("accessor");
  if (accessor.empty()) return failed(call, bad_field("accessor", "missing accessor"));
  return capabilities_of(call, call.use.tokens.by_accessor(accessor), fields, "invalid accessor");
}

}  // namespace chancery::vault
