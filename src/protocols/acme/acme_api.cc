#include "protocols/acme/acme_api.h"

#include <algorithm>

#include "base/text.h"
#include "enrol/roles.h"
#include "protocols/acme/authenticate.h"
#include "protocols/acme/call.h"
#include "protocols/acme/routes.h"

namespace chancery::acme {
namespace {

constexpr std::string_view kPrefix = "/acme/";

std::string_view below_prefix(const http::Request& request) {
  const std::string_view path = request.path;
  return path.starts_with(kPrefix) ? path.substr(kPrefix.size()) : std::string_view{};
}

// The directory that a path is in, known or not.
std::string_view directory_in(const http::Request& request) {
  const std::string_view path = below_prefix(request);
  return path.substr(0, path.find('/'));
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
         c == '[' || c == ']' || c == '_';
}

// The host as the client called it, or "" where it is no host.
std::string host_of(const http::Request& request) {
  const auto header = request.header("Host");
  std::string host = header ? to_lower(*header) : std::string();
  const bool sound =
      !host.empty() && host.size() <= 300 && std::ranges::all_of(host, is_host_character);
  return sound ? host : std::string();
}

std::string base_of(const http::Request& request, std::string_view host,
                    std::string_view directory) {
  std::string base;
  base.reserve(host.size() + directory.size() + 20);
  base.append(request.tls ? "https://" : "http://").append(host);
  return std::move(base.append(kPrefix).append(directory).append("/"));
}

Error not_found(std::string detail) {
  return make_refusal("malformed", std::move(detail), Code::kNotFound);
}

}  // namespace

AcmeApi::AcmeApi(Acme& acme) : acme_(acme), nonces_(acme.use.random), routes_(routes()) {}

http::RouteTable<Route>::Target AcmeApi::find(const http::Request& request) const {
  return routes_.find(request.method, below_prefix(request));
}

std::string_view AcmeApi::route_name(const http::Request& request) const {
  const auto target = find(request);
  return target.route == nullptr ? std::string_view("acme/unknown") : target.route->name;
}

http::Response AcmeApi::finish(const http::Request& request, std::string_view directory,
                               bool wants_nonce, http::Response response) const {
  response = std::move(response)
                 .with_header("Cache-Control", "no-store")
                 .with_header("Access-Control-Allow-Origin", "*")
                 .with_header("Access-Control-Expose-Headers",
                              "Link, Replay-Nonce, Location, Retry-After");
  if (wants_nonce) response = std::move(response).with_header("Replay-Nonce", nonces_.make());
  if (directory.empty()) return response;
  const std::string host = host_of(request);
  if (host.empty()) return response;
  return std::move(response).with_header(
      "Link", "<" + base_of(request, host, directory) + "directory>;rel=\"index\"");
}

http::Response AcmeApi::refuse(const http::Request& request, const Error& error) const {
  return finish(request, {}, request.method == "POST", problem(request, acme_.use.log, error));
}

http::Response AcmeApi::handle(const http::Request& request, http::Context& context) {
  http::Response response = answer(request, context);
  const std::string directory(enrol::is_role_name(directory_in(request)) ? directory_in(request)
                                                                         : std::string_view{});
  const bool wants_nonce = request.method == "POST" || find(request).variables.size() == 1;
  const bool nonce = wants_nonce && !request.path.ends_with("/directory");
  return http::Response::finally(std::move(response),
                                 [this, &request, directory, nonce](http::Response done) {
                                   return finish(request, directory, nonce, std::move(done));
                                 });
}

http::Response AcmeApi::answer(const http::Request& request, http::Context& context) {
  auto target = find(request);
  const auto refused = [&](const Error& error) { return problem(request, acme_.use.log, error); };
  if (target.route == nullptr && request.method == "OPTIONS" && !target.allow.empty()) {
    return http::Response::empty(204)
        .with_header("Access-Control-Allow-Methods", target.allow)
        .with_header("Access-Control-Allow-Headers", "Content-Type");
  }
  if (target.route == nullptr && target.allow.empty())
    return refused(not_found("no such path: " + printable(request.path)));
  if (target.route == nullptr) {
    const std::string what = request.method == "GET" && target.allow == "POST"
                                 ? "this is read by POST-as-GET (RFC 8555 section 6.3)"
                                 : "this path has " + target.allow;
    return refused({Code::kMethodNotAllowed, what, {}, {}}).with_header("Allow", target.allow);
  }
  const Route& route = *target.route;
  if (!context.lane()) {
    if (route.lane) return http::Response::run_on(*route.lane);
    if (!acme_.use.store.state().local()) return http::Response::run_on(http::Lane::kSearch);
  }
  const auto directory = acme_.directories.find(target.variables.front());
  if (!directory) return refused(directory.error());
  if (!*directory || !(*directory)->row.enabled)
    return refused(not_found("no directory " + printable(target.variables.front(), 64)));
  const std::string host = host_of(request);
  const auto& hosts = (*directory)->row.hosts;
  if (host.empty() || (!hosts.empty() && std::ranges::find(hosts, host) == hosts.end())) {
    return refused(make_refusal(
        "malformed", "this directory is not reached as " + printable(host, 128), Code::kMalformed));
  }
  target.variables.erase(target.variables.begin());
  Call call{request,
            context,
            acme_,
            *directory,
            base_of(request, host, (*directory)->name),
            std::move(target.variables),
            {},
            {},
            {},
            {}};
  return run(call, route);
}

http::Response AcmeApi::run(Call& call, const Route& route) {
  if (route.by != Signed::kNot) {
    const auto lane = authenticate(call, route, nonces_);
    if (!lane) return failed(call, lane.error());
    if (*lane) return http::Response::run_on(**lane);
  }
  return route.handler(call);
}

}  // namespace chancery::acme
