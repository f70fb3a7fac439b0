#include "acme_test_server/front.h"

#include "acme/refusal.h"
#include "acme/renewals.h"
#include "jose/jws.h"

namespace chancery::acme_test {
namespace {

constexpr std::string_view kDirectoryPath = "/dir";
constexpr std::string_view kTermsPath = "/terms";
constexpr std::string_view kTerms =
    "This is a server for tests. Whoever trusts its certificates trusts whoever started it.\n";

std::unexpected<Error> malformed(std::string detail) {
  return acme::refuse("malformed", std::move(detail), Code::kMalformed);
}

// What is not well-formed is left to the ACME server, which says so.
Result<void> judge_payload(std::string_view route, std::string_view body, bool strict) {
  const auto jws = jose::read_jws(body);
  if (!jws || jws->payload.empty()) return {};
  const auto payload = jose::parse_json_object(jws->payload);
  if (!payload) return {};
  const bool is_challenge = route == "acme/chall";
  if (is_challenge && payload->find("keyAuthorization") != nullptr)
    return malformed(
        "\"keyAuthorization\" is of drafts: a challenge is begun with \"{}\" (RFC 8555 section "
        "7.5.1)");
  if (!strict) return {};
  if (is_challenge && jws->payload != "{}")
    return malformed("a challenge is begun with \"{}\" and nothing else (RFC 8555 section 7.5.1)");
  const std::string* const resource = payload->string("resource");
  if (resource != nullptr && !resource->empty())
    return malformed("\"resource\" is of ACME v1: RFC 8555 has no such field");
  return {};
}

std::string serial_in(std::string_view path) {
  const auto id = acme::read_certificate_id(path.substr(path.rfind('/') + 1));
  return id ? hex(id->serial) : std::string();
}

}  // namespace

Result<void> Front::judge(const http::Request& request) const {
  const auto agent = request.header("User-Agent");
  if (!agent || agent->empty())
    return malformed("a client says what it is: User-Agent (RFC 8555 section 6.1)");
  const std::string_view route = route_name(request);
  const bool is_signed = request.method == "POST";
  if (auto refusal = use_.faults.refusal(route.substr(route.find('/') + 1), is_signed))
    return std::unexpected(*std::move(refusal));
  if (!is_signed) return {};
  return judge_payload(route, request.body, use_.strict);
}

http::Response Front::handle(const http::Request& request, http::Context& context) {
  if (request.path == kTermsPath)
    return http::Response(200, "text/plain; charset=utf-8", std::string(kTerms));
  // Once a request, however often it is run.
  if (!context.lane() && context.attempt() == 0) {
    if (const auto sound = judge(request); !sound) return use_.api.refuse(request, sound.error());
  }
  if (request.path == kDirectoryPath) {
    // A GET, the only method there, is answered at once: nothing refers to this later.
    http::Request directory = request;
    directory.path = "/acme/" + use_.directory + "/directory";
    return use_.api.handle(directory, context);
  }
  if (use_.api.route_name(request) == "acme/renewal-info") {
    if (const auto text = use_.renewals.find(serial_in(request.path)))
      return http::Response(200, "application/json", *text).with_header("Retry-After", "21600");
  }
  return use_.api.handle(request, context);
}

std::string_view Front::route_name(const http::Request& request) const {
  if (request.path == kDirectoryPath) return "acme/directory";
  if (request.path == kTermsPath) return "terms";
  return use_.api.route_name(request);
}

http::Response Front::refuse(const http::Request& request, const Error& error) const {
  return use_.api.refuse(request, error);
}

}  // namespace chancery::acme_test
