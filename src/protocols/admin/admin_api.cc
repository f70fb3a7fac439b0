#include "protocols/admin/admin_api.h"

#include "base/text.h"
#include "protocols/admin/call.h"
#include "protocols/admin/openapi.h"

namespace chancery::admin {
namespace {

constexpr std::string_view kPrefix = "/api/v1/";

std::string_view below_prefix(const http::Request& request) {
  const std::string_view path = request.path;
  return path.starts_with(kPrefix) ? path.substr(kPrefix.size()) : std::string_view{};
}

std::string_view presented_token(const http::Request& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = request.header("Authorization");
  if (!authorization || !authorization->starts_with(kBearer)) return {};
  return authorization->substr(kBearer.size());
}

Error unauthenticated() {
  return {Code::kUnauthenticated, "send a valid token as \"Authorization: Bearer ...\"", {}, {}};
}

bool has_body(const Route& route) { return !route.request_schema.empty(); }

}  // namespace

AdminApi::AdminApi(const Dependencies& dependencies, AdminOptions options)
    : dependencies_(dependencies),
      options_(std::move(options)),
      started_(dependencies.clock.now()),
      document_(make_openapi(options_.version)),
      routes_(routes()) {}

http::RouteTable<Route>::Target AdminApi::find(const http::Request& request) const {
  return routes_.find(request.method, below_prefix(request));
}

std::string_view AdminApi::route_name(const http::Request& request) const {
  const auto target = find(request);
  return target.route == nullptr ? std::string_view("unknown") : target.route->id;
}

http::Response AdminApi::refuse(const http::Request& request, const Error& error) const {
  return problem(request, dependencies_.log, error);
}

http::Response AdminApi::handle(const http::Request& request, http::Context& context) {
  auto target = find(request);
  const Route* row = target.route != nullptr ? target.route : target.sibling;
  Call call{
      request, context, dependencies_, options_, started_, document_, std::move(target.variables),
      {},      {}};
  if (row == nullptr || row->guard == Guard::kToken) {
    if (!dependencies_.service.store().state().local() && !context.lane()) {
      return http::Response::run_on(http::Lane::kSearch);
    }
    // Nobody learns without a token what exists here.
    const auto caller =
        dependencies_.tokens.authenticate(presented_token(request), request.peer_address);
    if (!caller) {
      const bool known = caller.error().code != Code::kUnauthenticated;
      return failed(call, known ? caller.error() : unauthenticated());
    }
    context.set_principal(caller->principal.accessor);
    if (auto spent = spend(call, *caller)) return *std::move(spent);
    if (target.route != nullptr) return authorise(call, *target.route, *caller);
  } else if (target.route != nullptr) {
    return run(call, *target.route);
  }
  if (target.allow.empty()) {
    return failed(call, {Code::kNotFound, "no such path: " + printable(request.path), {}, {}});
  }
  return failed(call, {Code::kMethodNotAllowed, "this path has " + target.allow, {}, {}})
      .with_header("Allow", target.allow);
}

http::Response AdminApi::authorise(Call& call, const Route& route,
                                   const access::Authenticated& caller) {
  // The body may name the resource (the role to issue under), so it is read first.
  if (call.request.body.size() > options_.max_body) {
    return failed(call, {Code::kTooLarge, "the body is too large", {}, {}});
  }
  auto body = has_body(route) ? json::Body::parse_json(call.request.body)
                              : json::Body::from_pairs(call.request.query);
  if (!body) return failed(call, body.error());
  call.body = *std::move(body);
  access::Resource resource{call.scope(), route.resource(call), {}, false};
  // As in Vault's API: who changes authentication methods decides who gets in, and who has all
  // accessors can end every token.
  resource.needs_sudo =
      resource.path.starts_with("sys/auth/") || resource.path == "auth/token/accessors";
  auto grant = access::allow(caller.principal, route.action, resource);
  if (!grant) return failed(call, grant.error());
  call.grant = *std::move(grant);
  call.principal = &caller.principal;
  call.caller = &caller;
  return run(call, route);
}

// Takes one use of a token of limited use, before anything is done with it. Nothing when the
// request may go on.
std::optional<http::Response> AdminApi::spend(Call& call, const access::Authenticated& caller) {
  if (caller.token->uses == 0 || call.context.paid()) return std::nullopt;
  if (call.context.on_lane() == nullptr) return http::Response::run_on(http::Lane::kSearch);
  const auto receipt = dependencies_.service.store()
                           .committer()
                           .submit(access::Tokens::spend(caller))
                           .wait(*call.context.on_lane());
  if (!receipt && receipt.error().code == Code::kConflict) return failed(call, unauthenticated());
  if (!receipt) return failed(call, receipt.error());
  call.context.set_paid();
  return std::nullopt;
}

http::Response AdminApi::run(Call& call, const Route& route) {
  if (route.reads == Reads::kMany && !call.context.lane()) {
    return http::Response::run_on(http::Lane::kSearch);
  }
  return route.handler(call);
}

}  // namespace chancery::admin
