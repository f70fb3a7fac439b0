#pragma once

#include "protocols/vault/auth_answer.h"
#include "protocols/vault/call.h"

namespace chancery::vault {

// login_of says where a login happens and where it comes from.
[[nodiscard]] inline access::Login login_of(const Call& call) {
  return {*call.mount, call.request.peer_address, call.request.request_id};
}

// answer_login gives the token out once it is durable.
[[nodiscard]] inline http::Response answer_login(
    Call& call, Result<record::Staged<access::Tokens::Made>> staged) {
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id](const access::Tokens::Made& made) {
                        return auth_answer(id, made.token.secret, made.token.token,
                                           made.token.token.ttl, made.warnings);
                      });
}

}  // namespace chancery::vault
