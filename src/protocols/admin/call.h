#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "access/tokens.h"
#include "protocols/admin/admin_api.h"
#include "protocols/admin/problem.h"
#include "protocols/json/body.h"
#include "protocols/json/writer.h"

namespace chancery::admin {

// Call is one request on its way through a handler. A row guarded by a token has `grant`; no
// handler of such a row runs without it.
struct Call {
  const http::Request& request;
  http::Context& context;
  const Dependencies& use;
  const AdminOptions& options;
  const TimePoint started;
  const std::string& document;
  std::vector<std::string_view> variables;
  json::Body body;  // of a PUT or POST; the query of the rest
  std::optional<access::Grant> grant;
  const access::Principal* principal = nullptr;   // whose grant it is
  const access::Authenticated* caller = nullptr;  // the token that they came with

  [[nodiscard]] const record::Scope& scope() const { return options.scope; }
};

// answer is a JSON answer.
[[nodiscard]] inline http::Response answer(unsigned status, json::Writer out) {
  return http::Response(status, "application/json", std::move(out).take() + "\n")
      .with_header("Cache-Control", "no-store");
}

[[nodiscard]] inline http::Response failed(const Call& call, const Error& error) {
  return problem(call.request, call.use.log, error);
}

// also_allowed asks for a right beside the route's own, for what the body wants besides. Errors:
// kPermissionDenied.
[[nodiscard]] inline Result<void> also_allowed(const Call& call, access::Action action,
                                               std::string path) {
  TRY(access::allow(*call.principal, action, {call.scope(), std::move(path), {}, false}));
  return {};
}

// after_commit submits what a handler staged and renders it once it is durable.
template <class T, class Render>
[[nodiscard]] http::Response after_commit(Call& call, ca::Staged<T> staged, Render render) {
  auto held = std::make_shared<ca::Staged<T>>(std::move(staged));
  Ticket ticket = held->submit(call.use.service.store().committer());
  return http::Response::after(
      std::move(ticket), [held, render = std::move(render), &request = call.request,
                          &log = call.use.log](const Result<Receipt>& receipt) {
        return receipt ? render(held->release(*receipt)) : problem(request, log, receipt.error());
      });
}

}  // namespace chancery::admin
