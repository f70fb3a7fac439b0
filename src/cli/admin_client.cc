#include "cli/admin_client.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "net/http_client.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

Code code_of(unsigned status) {
  switch (status) {
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    case 409:
      return Code::kConflict;
    case 413:
      return Code::kTooLarge;
    case 429:
      return Code::kTooManyRequests;
    case 503:
      return Code::kUnavailable;
    default:
      return status >= 500 ? Code::kInternal : Code::kRefused;
  }
}

// error_of reads a problem document (RFC 9457); what the server said goes to the person as it is.
Error error_of(unsigned status, std::string_view body) {
  Error error{code_of(status), "the server answered with status " + std::to_string(status), {}, {}};
  boost::system::error_code failed;
  const auto value = boost::json::parse(body, failed);
  const boost::json::object* problem = failed ? nullptr : value.if_object();
  if (problem == nullptr) return error;
  const auto text = [&](std::string_view key) -> std::string {
    const auto* member = problem->if_contains(key);
    return member != nullptr && member->is_string()
               ? printable(std::string_view(member->get_string()), 1000)
               : "";
  };
  if (const auto detail = text("detail"); !detail.empty()) error.detail = detail;
  for (const char* key : {"field", "rule", "hint", "request_id"}) {
    if (auto member = text(key); !member.empty()) error.where.push_back({key, std::move(member)});
  }
  return error;
}

}  // namespace

std::string encode_query(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || c == ':';
    if (plain) {
      encoded.push_back(c);
    } else {
      encoded += "%" + hex(as_bytes(std::string_view(&c, 1)));
    }
  }
  return encoded;
}

Result<AdminClient> AdminClient::open(const Connection& connection) {
  if (!connection.token_file.empty()) {
    const SecretBytes content = TRY(os::read_secret_file(connection.token_file, 4096));
    return AdminClient(connection, SecretBytes(as_bytes(trim(as_text(content.view())))));
  }
  if (connection.token.empty()) {
    return fail(Code::kUnauthenticated,
                "no token: set CHANCERY_TOKEN_FILE or CHANCERY_TOKEN, or use --token-file");
  }
  return AdminClient(connection, SecretBytes(as_bytes(connection.token)));
}

Result<std::string> AdminClient::send(std::string_view method, std::string_view path,
                                      std::string body, std::string_view condition) const {
  net::HttpRequest request;
  request.method = method;
  request.url = connection_.address + "/api/v1" + std::string(path);
  request.ca_file = connection_.ca_file;
  request.headers = {{"Authorization", "Bearer " + std::string(as_text(token_.view()))}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (const std::size_t colon = condition.find(": "); colon != std::string_view::npos) {
    request.headers.emplace_back(condition.substr(0, colon), condition.substr(colon + 2));
  }
  request.body = std::move(body);
  auto response = net::send(request, OnLane::outside_server());
  if (!response)
    return std::unexpected(std::move(response).error().with("address", connection_.address));
  if (response->status < 200 || response->status > 299)
    return std::unexpected(error_of(response->status, response->body));
  return std::move(response->body);
}

namespace {

Result<boost::json::object> as_object(Result<std::string> body) {
  if (!body) return std::unexpected(std::move(body).error());
  boost::system::error_code failed;
  auto value = boost::json::parse(*body, failed);
  if (failed || !value.is_object())
    return fail(Code::kMalformed, "the server's answer is not a JSON object");
  return std::move(value.get_object());
}

}  // namespace

Result<void> AdminClient::download(
    std::string_view path, const std::function<Result<void>(std::string_view)>& sink) const {
  net::HttpRequest request;
  request.url = connection_.address + "/api/v1" + std::string(path);
  request.ca_file = connection_.ca_file;
  request.headers = {{"Authorization", "Bearer " + std::string(as_text(token_.view()))}};
  request.timeout = std::chrono::milliseconds{0};
  request.sink = sink;
  auto response = net::send(request, OnLane::outside_server());
  if (!response)
    return std::unexpected(std::move(response).error().with("address", connection_.address));
  if (response->status < 200 || response->status > 299)
    return std::unexpected(error_of(response->status, response->body));
  return {};
}

Result<boost::json::object> AdminClient::get(std::string_view path) const {
  return as_object(send("GET", path, {}));
}

Result<boost::json::object> AdminClient::post(std::string_view path,
                                              const boost::json::object& body) const {
  return as_object(send("POST", path, boost::json::serialize(body)));
}

Result<boost::json::object> AdminClient::put(std::string_view path, const boost::json::object& body,
                                             std::string_view condition) const {
  return as_object(send("PUT", path, boost::json::serialize(body), condition));
}

Result<void> AdminClient::remove(std::string_view path) const {
  TRY(send("DELETE", path, {}));
  return {};
}

Result<std::string> AdminClient::get_text(std::string_view path) const {
  return send("GET", path, {});
}

}  // namespace chancery::cli
