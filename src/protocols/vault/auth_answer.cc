#include "protocols/vault/auth_answer.h"

#include "protocols/vault/envelope.h"

namespace chancery::vault {

void write_metadata(json::Writer& out, const access::Token& token) {
  if (token.metadata.empty()) {
    out.null();
    return;
  }
  out.begin_object();
  for (const auto& [name, value] : token.metadata) out.field(name, value);
  out.end_object();
}

http::Response auth_answer(std::string_view request_id, std::string_view secret,
                           const access::Token& token, seconds ttl,
                           const std::vector<std::string>& warnings) {
  // Enough that no reallocation leaves a copy of the token behind.
  json::Writer out(16 * 1024);
  out.begin_object().field("request_id", request_id).field("lease_id", "");
  out.field("renewable", false).field("lease_duration", 0).key("data").null();
  out.key("wrap_info").null();
  if (warnings.empty()) {
    out.key("warnings").null();
  } else {
    out.field("warnings", warnings);
  }
  out.key("auth").begin_object().field("client_token", secret).field("accessor", token.accessor);
  out.field("policies", token.policies).field("token_policies", token.policies);
  out.key("metadata");
  write_metadata(out, token);
  out.field("lease_duration", ttl.count()).field("renewable", token.renewable);
  out.field("entity_id", "").field("token_type", "service").field("orphan", token.parent.empty());
  out.key("mfa_requirement").null().field("num_uses", token.uses).end_object().end_object();
  return bare(200, std::move(out).take()).secret();
}

}  // namespace chancery::vault
