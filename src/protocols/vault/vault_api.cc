#include "protocols/vault/vault_api.h"

#include "base/text.h"
#include "protocols/vault/call.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/errors.h"
#include "protocols/vault/revalidated.h"

namespace chancery::vault {
namespace {

constexpr std::string_view kPrefix = "/v1";

// below_prefix is the path that Vault's clients mean: "pki/issue/web". A slash at the end says
// nothing: writes come with one and without.
std::string_view below_prefix(const http::Request& request) {
  std::string_view path = request.path;
  path.remove_prefix(path.starts_with(kPrefix) ? kPrefix.size() : 0);
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

access::Action action_of(std::optional<Operation> operation) {
  if (!operation) return access::Action::kSudo;  // no such verb: nobody needs the right to it
  switch (*operation) {
    case Operation::kRead:
    case Operation::kHead:
      return access::Action::kRead;
    case Operation::kList:
      return access::Action::kList;
    case Operation::kUpdate:
      return access::Action::kUpdate;
    case Operation::kPatch:
      return access::Action::kPatch;
    case Operation::kDelete:
      return access::Action::kDelete;
  }
  return access::Action::kSudo;
}

bool is_given(const http::Request& request, std::string_view header) {
  const auto value = request.header(header);
  return value && !trim(*value).empty();
}

// check_headers refuses what a client would otherwise believe was done: an answer wrapped, another
// namespace.
Result<void> check_headers(const http::Request& request) {
  if (is_given(request, "X-Vault-Namespace")) return fail(Code::kNotFound, "namespace not found");
  if (is_given(request, "X-Vault-Wrap-TTL")) {
    return fail(Code::kUnsupported, "response wrapping is not supported");
  }
  return {};
}

// A patch is JSON merge patch (RFC 7396) or nothing, whoever asks. Nothing when the request may go
// on.
std::optional<http::Response> refuse_patch(const http::Request& request) {
  constexpr std::string_view kWanted = "application/merge-patch+json";
  if (request.method != "PATCH") return std::nullopt;
  const std::string_view type = trim(request.header("Content-Type").value_or(""));
  const std::string_view media = trim(type.substr(0, type.find(';')));
  if (equal_ignoring_case(media, kWanted)) return std::nullopt;
  if (media.empty())
    return error_answer(request.request_id, {Code::kUnsupported, "mime: no media type", {}, {}});
  return error_answer(request.request_id, 415,
                      {Code::kUnsupported,
                       "PATCH requires Content-Type of " + std::string(kWanted) + ", provided " +
                           printable(media, 128),
                       {},
                       {}});
}

Result<json::Body> parse_body(const http::Request& request, std::size_t max_body) {
  if (request.body.size() > max_body) return fail(Code::kTooLarge, "http: request body too large");
  // Vault's rule: curl calls everything a form, so only what does not start as JSON is one.
  const auto type = request.header("Content-Type");
  const std::string_view text = trim(request.body);
  if (type && type->starts_with("application/x-www-form-urlencoded") && !text.empty() &&
      text.find_first_of("{[\"") == std::string_view::npos && text != "null") {
    return json::Body::parse_form(text);
  }
  return json::Body::parse_json(request.body);
}

// The parameters as a policy sees them: each item of a list on its own.
std::vector<access::Parameter> parameters_of(const json::Body& body) {
  std::vector<access::Parameter> parameters;
  parameters.reserve(body.members().size());
  for (const auto& [name, value] : body.members()) {
    if (value.items.empty()) parameters.push_back({name, value.text});
    for (const std::string& item : value.items) parameters.push_back({name, item});
  }
  return parameters;
}

std::optional<Area> area_of(const access::Mount& mount) {
  if (mount.kind == access::MountKind::kSecret)
    return mount.type == "pki" ? std::optional(Area::kMount) : std::nullopt;
  if (mount.type == "token") return Area::kRoot;
  if (mount.type == "approle") return Area::kAppRole;
  if (mount.type == "userpass") return Area::kUserpass;
  if (mount.type == "cert") return Area::kCertificate;
  return std::nullopt;
}

bool is_ocsp(const Route& route) { return route.pattern.starts_with("ocsp"); }

}  // namespace

std::string_view presented_token(const http::Request& request) {
  if (const auto token = request.header("X-Vault-Token")) return *token;
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = request.header("Authorization");
  if (authorization && authorization->starts_with(kBearer)) {
    return authorization->substr(kBearer.size());
  }
  return {};
}

// Target is where a request goes: a row, or why not.
struct VaultApi::Target {
  const Route* route = nullptr;  // null: no row for this path and operation
  std::size_t index = 0;
  Variables variables;
  bool path_known = false;      // some row has the path
  bool mount_known = false;     // something is mounted there
  Guard guard = Guard::kToken;  // of the path's rows
  Area area = Area::kRoot;
  access::Mounts::Entry mount;
  std::string_view below;  // the path within its area
  std::optional<Operation> operation;
};

VaultApi::VaultApi(const Dependencies& dependencies, VaultOptions options)
    : dependencies_(dependencies), options_(std::move(options)) {
  for (const Route& route : routes())
    names_.push_back(std::string(prefix(route.area)) + std::string(route.pattern));
}

// locate finds the mount that a path is in, and what is below it.
void VaultApi::locate(std::string_view path, Target& target) const {
  constexpr std::string_view kAuth = "auth/";
  target.below = path;
  const bool auth = path.starts_with(kAuth);
  if (path == "sys" || path.starts_with("sys/")) {
    target.mount_known = true;
    return;
  }
  if (auth) path.remove_prefix(kAuth.size());
  const auto kind = auth ? access::MountKind::kAuth : access::MountKind::kSecret;
  target.mount = dependencies_.methods.mounts.match(kind, path);
  if (!target.mount) return;
  target.mount_known = true;
  const auto area = area_of(*target.mount);
  target.area = area.value_or(Area::kRoot);
  // Nothing of an unknown type is served, and of tokens there is one mount at one place.
  if (!area || area == Area::kRoot) return;
  path.remove_prefix(std::min(path.size(), target.mount->path.size()));
  target.below = path;
}

VaultApi::Target VaultApi::find(const http::Request& request) const {
  Target target;
  target.operation = operation_of(request);
  locate(below_prefix(request), target);
  for (std::size_t i = 0; i < routes().size(); ++i) {
    const Route& route = routes()[i];
    if (route.area != target.area) continue;
    const auto matched = match_path(route.pattern, target.below);
    if (!matched) continue;
    if (!target.path_known || route.guard > target.guard) target.guard = route.guard;
    target.path_known = true;
    if (route.operation != target.operation) continue;
    target.route = &route;
    target.index = i;
    target.guard = route.guard;
    target.variables = *matched;
    break;
  }
  return target;
}

std::string_view VaultApi::route_name(const http::Request& request) const {
  const Target target = find(request);
  return target.route == nullptr ? std::string_view("unknown") : names_[target.index];
}

http::Response VaultApi::handle(const http::Request& request, http::Context& context) {
  const Target target = find(request);
  Call call{request,
            context,
            dependencies_,
            options_,
            below_prefix(request),
            target.variables,
            {},
            {},
            {},
            {},
            target.mount,
            target.mount ? target.mount->scope() : record::Scope{}};
  if (auto accepted = check_headers(request); !accepted) {
    return answer_error(request, accepted.error());
  }
  if (options_.surface == Surface::kPublicOnly && target.guard != Guard::kPlain) {
    return answer_error(request,
                        {Code::kNotFound,
                         "this listener serves public data only (CA certificates, CRLs, OCSP, "
                         "health); use the HTTPS listener",
                         {},
                         {}});
  }
  if (auto refused = refuse_patch(request)) return *std::move(refused);
  if (target.path_known && target.guard != Guard::kToken) {
    if (target.route != nullptr) return run(call, *target.route);
    return answer_error(request, {Code::kMethodNotAllowed, "unsupported operation", {}, {}});
  }
  return handle_with_token(call, target);
}

// Who asks, may they, is there such a thing: in this order, so that nobody learns what exists here
// without a token.
http::Response VaultApi::handle_with_token(Call& call, const Target& target) {
  if (!dependencies_.service.store().state().local() && !call.context.lane()) {
    return http::Response::run_on(http::Lane::kSearch);
  }
  call.token = presented_token(call.request);
  auto caller = dependencies_.tokens.authenticate(call.token, call.request.peer_address);
  if (!caller) return answer_error(call.request, caller.error());
  call.context.set_principal(caller->principal.accessor);
  if (auto spent = spend(call, *caller)) return *std::move(spent);
  // What a policy says of parameters needs them before it is asked.
  if (target.route != nullptr) {
    if (auto read = read_body(call, *target.route); !read)
      return answer_error(call.request, read.error());
  }
  auto grant = allow(call, *caller, target);
  if (!grant) return answer_error(call.request, grant.error());
  if (!target.mount_known) {
    return answer_error(call.request, {Code::kNotFound,
                                       "no handler for route \"" + printable(call.path, 256) +
                                           "\". route entry not found.",
                                       {},
                                       {}});
  }
  if (!target.path_known) {
    return answer_error(call.request, core_error(Code::kNotFound, "unsupported path"));
  }
  if (target.route == nullptr) {
    return answer_error(call.request, core_error(Code::kMethodNotAllowed, "unsupported operation"));
  }
  call.caller = *std::move(caller);
  call.grant = *std::move(grant);
  return run(call, *target.route);
}

http::Response VaultApi::run(Call& call, const Route& route) {
  const bool local = dependencies_.service.store().state().local();
  const bool needs_lane = route.reads == Reads::kMany || (route.reads == Reads::kRows && !local);
  if (needs_lane && !call.context.lane()) return http::Response::run_on(http::Lane::kSearch);

  if (route.guard != Guard::kToken) {
    if (auto read = read_body(call, route); !read) return answer_error(call.request, read.error());
  }
  http::Response response = route.handler(call);
  if (route.guard != Guard::kPlain || route.operation != Operation::kRead) return response;
  return revalidated(call.request, std::move(response));
}

Result<void> VaultApi::read_body(Call& call, const Route& route) const {
  if (is_ocsp(route)) return {};
  const bool has_body =
      route.operation == Operation::kUpdate || route.operation == Operation::kPatch;
  call.body = TRY(has_body ? parse_body(call.request, options_.max_body)
                           : json::Body::from_pairs(call.request.query));
  return {};
}

// Takes one use of a token of limited use, before anything is done with it. Nothing when the
// request may go on.
std::optional<http::Response> VaultApi::spend(Call& call, const access::Authenticated& caller) {
  if (caller.token->uses == 0 || call.context.paid()) return std::nullopt;
  if (call.context.on_lane() == nullptr) return http::Response::run_on(http::Lane::kSearch);
  const auto receipt = dependencies_.service.store()
                           .committer()
                           .submit(access::Tokens::spend(caller))
                           .wait(*call.context.on_lane());
  if (!receipt && receipt.error().code == Code::kConflict)
    return answer_error(call.request, {Code::kUnauthenticated, "permission denied", {}, {}});
  if (!receipt) return answer_error(call.request, receipt.error());
  call.context.set_paid();
  return std::nullopt;
}

Result<access::Grant> VaultApi::allow(const Call& call, const access::Authenticated& caller,
                                      const Target& target) {
  const Route* route = target.route;
  const auto action = route != nullptr ? route->action : action_of(target.operation);
  const auto parameters = parameters_of(call.body);
  access::Resource resource{call.scope(), std::string(call.path), parameters,
                            route != nullptr && route->sudo};
  if (action == access::Action::kList) resource.path += '/';
  auto grant = access::allow(caller.principal, action, resource);
  if (grant) return grant;
  Error error = std::move(grant).error();
  error.detail = core_error(error.code, error.detail).detail;
  return std::unexpected(std::move(error));
}

http::Response VaultApi::refuse(const http::Request& request, const Error& error) const {
  return answer_error(request, error);
}

bool VaultApi::is_opaque(std::string_view raw_path) const {
  constexpr std::string_view kRoot = "/v1/";
  if (!raw_path.starts_with(kRoot)) return false;
  raw_path.remove_prefix(kRoot.size());
  const auto mount = dependencies_.methods.mounts.match(access::MountKind::kSecret, raw_path);
  return mount && raw_path.starts_with(mount->path) &&
         raw_path.substr(mount->path.size()).starts_with("ocsp/");
}

http::Response VaultApi::answer_error(const http::Request& request, const Error& error) const {
  return failed(request, dependencies_.log, error);
}

}  // namespace chancery::vault
