#include "protocols/admin/problem.h"

#include <algorithm>
#include <string>

#include "protocols/json/writer.h"

namespace chancery::admin {
namespace {

struct Kind {
  Code code;
  unsigned status;
  std::string_view title;
};

constexpr Kind kKinds[] = {
    {Code::kMalformed, 400, "The request cannot be read"},
    {Code::kInvalidArgument, 400, "A value makes no sense here"},
    {Code::kRefused, 422, "A policy forbids it"},
    {Code::kUnauthenticated, 401, "No valid token"},
    {Code::kPermissionDenied, 403, "The token may not do this"},
    {Code::kNotFound, 404, "There is no such thing"},
    {Code::kAlreadyExists, 409, "It exists already"},
    {Code::kConflict, 409, "Another change came first"},
    {Code::kMethodNotAllowed, 405, "The method is not offered here"},
    {Code::kUnsupported, 422, "This program does not do that"},
    {Code::kTooLarge, 413, "The request is too large"},
    {Code::kTooManyRequests, 429, "Too many requests"},
    {Code::kUnavailable, 503, "Not available at the moment"},
    {Code::kDeadlineExceeded, 503, "It took too long"},
    {Code::kStorageFull, 507, "No space left"},
    {Code::kDataLoss, 500, "Internal error"},
    {Code::kUnknownOutcome, 500, "It is not known whether it took effect"},
    {Code::kInternal, 500, "Internal error"},
};

const Kind& kind_of(Code code) {
  const auto* found = std::ranges::find(kKinds, code, &Kind::code);
  return found == std::end(kKinds) ? kKinds[std::size(kKinds) - 1] : *found;
}

bool is_ours(Code code) { return code == Code::kInternal || code == Code::kDataLoss; }

std::string detail_of(const Error& error) {
  if (is_ours(error.code)) return "the server's log has it under the request id";
  if (error.code == Code::kUnknownOutcome) return "look it up by its request id";
  return error.detail;
}

bool is_reserved(std::string_view key) {
  for (const std::string_view name : {"type", "title", "status", "detail", "code", "request_id"}) {
    if (key == name) return true;
  }
  return false;
}

// The innermost of two steps with one name counts.
void write_where(json::Writer& out, const Error& error) {
  for (auto step = error.where.begin(); step != error.where.end(); ++step) {
    const auto same = [&](const Context& other) { return other.key == step->key; };
    if (is_reserved(step->key) || std::any_of(error.where.begin(), step, same)) continue;
    out.field(step->key, step->value);
  }
}

}  // namespace

unsigned status_of(Code code) { return kind_of(code).status; }

http::Response problem(const http::Request& request, Log& log, const Error& error) {
  const Kind& kind = kind_of(error.code);
  const std::string_view code = name(error.code);
  json::Writer out(512);
  out.begin_object().field("type", "urn:chancery:error:" + std::string(code));
  out.field("title", kind.title).field("status", kind.status).field("detail", detail_of(error));
  out.field("code", code);
  if (!is_ours(error.code)) write_where(out, error);
  out.field("request_id", request.request_id).end_object();
  if (kind.status == 500) {
    log.error(
        "request failed",
        {{"protocol", "admin"}, {"request_id", request.request_id}, {"error", error.to_string()}});
  }
  auto response =
      http::Response(kind.status, "application/problem+json", std::move(out).take() + "\n")
          .with_header("Cache-Control", "no-store");
  if (kind.status == 401) return std::move(response).with_header("WWW-Authenticate", "Bearer");
  if (!error.retry_after) return response;
  return std::move(response).with_header("Retry-After", std::to_string(error.retry_after->count()));
}

}  // namespace chancery::admin
