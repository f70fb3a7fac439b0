#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "access/mounts.h"
#include "access/tokens.h"
#include "http/response.h"
#include "protocols/json/body.h"
#include "protocols/vault/errors.h"
#include "protocols/vault/routes.h"
#include "protocols/vault/vault_api.h"

namespace chancery::vault {

// Call is one request on its way through a handler. A row guarded by a token has `grant` and
// `caller`; no handler of such a row runs without them.
struct Call {
  const http::Request& request;
  http::Context& context;
  const Dependencies& use;
  const VaultOptions& options;
  std::string_view path;  // below "/v1/", no slash at the end
  Variables variables;
  json::Body body;  // of an update; the query of the rest
  std::optional<access::Authenticated> caller;
  std::optional<access::Grant> grant;
  std::string_view token;       // as presented
  access::Mounts::Entry mount;  // that the path is in; null for "sys/"
  record::Scope where;          // of what the path is about: the mount's, or the tenant's

  [[nodiscard]] const record::Scope& scope() const { return where; }
  // variable is the i-th of the pattern; the pattern has one.
  [[nodiscard]] std::string_view variable(std::size_t i = 0) const { return variables.values[i]; }
};

// presented_token is the token that came with a request, or "".
[[nodiscard]] std::string_view presented_token(const http::Request& request);

// failed answers a call with an error.
[[nodiscard]] inline http::Response failed(const Call& call, const Error& error) {
  return failed(call.request, call.use.log, error);
}

// after_commit submits what a handler staged and renders it once it is durable.
template <class T, class Render>
[[nodiscard]] http::Response after_commit(Call& call, ca::Staged<T> staged, Render render) {
  auto held = std::make_shared<ca::Staged<T>>(std::move(staged));
  Ticket ticket = held->submit(call.use.service.store().committer());
  return http::Response::after(
      std::move(ticket), [held, render = std::move(render), &request = call.request,
                          &log = call.use.log](const Result<Receipt>& receipt) {
        return receipt ? render(held->release(*receipt)) : failed(request, log, receipt.error());
      });
}

}  // namespace chancery::vault
