#include "protocols/vault/errors.h"

#include <algorithm>
#include <string>

#include "protocols/json/writer.h"
#include "protocols/vault/envelope.h"

namespace chancery::vault {
namespace {

// is_ours says that the failure is the server's: the client learns the request id, the log the
// rest.
bool is_ours(Code code) { return code == Code::kInternal || code == Code::kDataLoss; }

std::string text_of(const Error& error) {
  if (is_ours(error.code)) return "internal error; the server's log has it under the request id";
  if (error.code == Code::kUnknownOutcome) {
    return "it is not known whether the request took effect; look it up by its request id";
  }
  return error.detail;
}

// explain writes what a program can use; the innermost of two steps with one name counts.
void explain(json::Writer& out, std::string_view request_id, const Error& error) {
  out.key("chancery").begin_object().field("code", name(error.code));
  if (!is_ours(error.code)) {
    const auto& where = error.where;
    for (auto step = where.begin(); step != where.end(); ++step) {
      const auto same = [&](const Context& other) { return other.key == step->key; };
      if (step->key == "code" || step->key == "request_id") continue;
      if (std::any_of(where.begin(), step, same)) continue;
      out.field(step->key, step->value);
    }
  }
  out.field("request_id", request_id).end_object();
}

}  // namespace

unsigned status_of(Code code) {
  switch (code) {
    case Code::kMalformed:
    case Code::kInvalidArgument:
    case Code::kRefused:
    case Code::kAlreadyExists:
    case Code::kUnsupported:
      return 400;
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kMethodNotAllowed:
      return 405;
    case Code::kConflict:
      return 412;  // which Vault's clients repeat by themselves
    case Code::kTooLarge:
      return 413;
    case Code::kTooManyRequests:
      return 429;
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kStorageFull:
      return 503;
    case Code::kDataLoss:
    case Code::kUnknownOutcome:
    case Code::kInternal:
      return 500;
  }
  return 500;
}

http::Response error_answer(std::string_view request_id, const Error& error) {
  return error_answer(request_id, status_of(error.code), error);
}

http::Response error_answer(std::string_view request_id, unsigned status, const Error& error) {
  json::Writer out(256);
  out.begin_object().key("errors").begin_array().string(text_of(error)).end_array();
  explain(out, request_id, error);
  out.end_object();
  http::Response response = bare(status, std::move(out).take());
  if (!error.retry_after) return response;
  return std::move(response).with_header("Retry-After", std::to_string(error.retry_after->count()));
}

http::Response failed(const http::Request& request, Log& log, const Error& error) {
  http::Response response = error_answer(request.request_id, error);
  if (response.status() == 500) {
    log.error(
        "request failed",
        {{"protocol", "vault"}, {"request_id", request.request_id}, {"error", error.to_string()}});
  }
  return response;
}

http::Response absent() { return bare(404, R"({"errors":[]})"); }

Error as_core(Error error) {
  error.detail = core_error(error.code, error.detail).detail;
  return error;
}

Error issuer_error(Error error) {
  const bool about_issuer = std::ranges::any_of(error.where, [](const Context& context) {
    return context.key == "field" && context.value == "issuer_ref";
  });
  return about_issuer ? as_core(std::move(error)) : error;
}

Error bad_field(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

Error wrapped(Error error) {
  if (error.code == Code::kRefused) error.detail = core_error(error.code, error.detail).detail;
  return error;
}

Error core_error(Code code, std::string_view text) {
  return {code, "1 error occurred:\n\t* " + std::string(text) + "\n\n", {}, {}};
}

}  // namespace chancery::vault
