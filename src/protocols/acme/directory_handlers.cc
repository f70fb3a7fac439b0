#include "base/text.h"
#include "protocols/acme/handlers.h"

namespace chancery::acme {
namespace {

void write_meta(json::Writer& out, const Directory& row) {
  out.key("meta").begin_object();
  if (!row.terms_of_service.empty()) out.field("termsOfService", row.terms_of_service);
  if (!row.website.empty()) out.field("website", row.website);
  if (!row.caa_identities.empty()) out.field("caaIdentities", row.caa_identities);
  if (row.eab_required) out.field("externalAccountRequired", true);
  out.key("profiles").begin_object();
  for (const ProfileChoice& choice : row.profiles) {
    out.field(choice.name, choice.description.empty() ? "certificates under " + choice.rules
                                                      : choice.description);
  }
  out.end_object().end_object();
}

}  // namespace

http::Response show_directory(Call& call) {
  json::Writer out;
  out.begin_object();
  out.field("newNonce", call.url("new-nonce"));
  out.field("newAccount", call.url("new-account"));
  out.field("newOrder", call.url("new-order"));
  if (call.directory->row.pre_authorization) out.field("newAuthz", call.url("new-authz"));
  out.field("revokeCert", call.url("revoke-cert"));
  out.field("keyChange", call.url("key-change"));
  out.field("renewalInfo", call.url("renewal-info"));
  write_meta(out, call.directory->row);
  out.end_object();
  return answer(200, std::move(out));
}

http::Response new_nonce(Call& call) {
  return http::Response::empty(call.request.method == "HEAD" ? 200 : 204);
}

http::Response show_renewal(Call& call) {
  const auto id = read_certificate_id(call.variables.at(0));
  if (!id) return failed(call, make_refusal("malformed", id.error().detail, Code::kMalformed));
  const auto suggestion = call.acme.renewals.suggest(*call.directory, *id);
  if (!suggestion) return failed(call, suggestion.error());
  json::Writer out;
  out.begin_object().key("suggestedWindow").begin_object();
  out.field("start", rfc3339(suggestion->start)).field("end", rfc3339(suggestion->end));
  out.end_object();
  if (!suggestion->explanation.empty()) out.field("explanationURL", suggestion->explanation);
  out.end_object();
  return answer(200, std::move(out))
      .with_header("Retry-After", std::to_string(suggestion->retry_after.count()));
}

}  // namespace chancery::acme
