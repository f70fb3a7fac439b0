#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/acme.h"
#include "http/response.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "protocols/acme/problem.h"
#include "protocols/json/writer.h"

namespace chancery::acme {

// Call is one request on its way through a handler. What the route asks for is there: a handler of
// a route that wants an account has one that is valid, and a payload of the right kind.
struct Call {
  const http::Request& request;
  http::Context& context;
  Acme& acme;
  std::shared_ptr<const LoadedDirectory> directory;
  std::string base;                         // "https://host/acme/<directory>/"
  std::vector<std::string_view> variables;  // without the directory
  std::optional<jose::Jws> jws;
  std::optional<jose::Jwk> key;  // that came with the request
  Accounts::Entry account;
  std::optional<jose::Json> payload;  // an object; nothing for POST-as-GET

  [[nodiscard]] record::Scope scope() const { return directory->scope(); }
  [[nodiscard]] std::string url(std::string_view path) const { return base + std::string(path); }
  [[nodiscard]] std::string account_url(std::string_view id) const {
    return url("acct/" + std::string(id));
  }
};

[[nodiscard]] inline http::Response failed(const Call& call, const Error& error,
                                           const std::vector<Subproblem>& subproblems = {}) {
  const std::string& website = call.directory->row.website;
  if (step_of(error, kProblem) == "rateLimited" && !website.empty()) {
    return problem(call.request, call.acme.use.log, Error(error).with("help", website),
                   subproblems);
  }
  return problem(call.request, call.acme.use.log, error, subproblems);
}

[[nodiscard]] inline http::Response answer(unsigned status, json::Writer out) {
  return http::Response(status, "application/json", std::move(out).take() + "\n");
}

// after_commit submits what a handler staged and renders it once it is durable.
template <class T, class Render>
[[nodiscard]] http::Response after_commit(Call& call, record::Staged<T> staged, Render render) {
  auto held = std::make_shared<record::Staged<T>>(std::move(staged));
  Ticket ticket = held->submit(call.acme.use.store.committer());
  return http::Response::after(
      std::move(ticket), [held, render = std::move(render), call](const Result<Receipt>& receipt) {
        return receipt ? render(call, held->release(*receipt)) : failed(call, receipt.error());
      });
}

}  // namespace chancery::acme
