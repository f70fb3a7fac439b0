#include "protocols/acme/problem.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "jose/algorithm.h"
#include "protocols/json/writer.h"

namespace chancery::acme {
namespace {

constexpr std::string_view kStatus = "status";

constexpr std::array<std::pair<std::string_view, unsigned>, 12> kStatuses{{
    {"alreadyReplaced", 409},
    {"caa", 403},
    {"externalAccountRequired", 403},
    {"incorrectResponse", 403},
    {"orderNotReady", 403},
    {"rateLimited", 429},
    {"serverInternal", 500},
    {"unauthorized", 403},
    {"userActionRequired", 403},
    {"rejectedIdentifier", 400},
    {"badNonce", 400},
    {"malformed", 400},
}};

struct Kind {
  std::string_view type;
  unsigned status;
};

Kind kind_of(Code code) {
  switch (code) {
    case Code::kNotFound:
      return {"malformed", 404};
    case Code::kMethodNotAllowed:
      return {"malformed", 405};
    case Code::kTooLarge:
      return {"malformed", 413};
    case Code::kMalformed:
    case Code::kInvalidArgument:
    case Code::kUnsupported:
    case Code::kAlreadyExists:
      return {"malformed", 400};
    case Code::kRefused:
    case Code::kPermissionDenied:
      return {"unauthorized", 403};
    case Code::kUnauthenticated:
      return {"unauthorized", 401};
    case Code::kTooManyRequests:
      return {"rateLimited", 429};
    case Code::kConflict:
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kStorageFull:
      return {"serverInternal", 503};
    case Code::kDataLoss:
    case Code::kUnknownOutcome:
    case Code::kInternal:
      break;
  }
  return {"serverInternal", 500};
}

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Kind kind_of(const Error& error) {
  Kind kind = kind_of(error.code);
  if (const auto type = step_of(error, kProblem); !type.empty()) {
    kind.type = type;
    const bool not_found = error.code == Code::kNotFound;
    kind.status = not_found ? 404 : status_of(type);
  }
  if (const auto status = step_of(error, kStatus); !status.empty()) kind.status = number(status);
  return kind;
}

void write_subproblems(json::Writer& out, const std::vector<Subproblem>& subproblems) {
  if (subproblems.empty()) return;
  out.key("subproblems").begin_array();
  for (const Subproblem& one : subproblems) {
    out.begin_object();
    out.field("type", std::string(kProblemPrefix) + one.type).field("detail", one.detail);
    out.key("identifier").begin_object();
    out.field("type", one.identifier_type).field("value", one.identifier).end_object();
    out.end_object();
  }
  out.end_array();
}

}  // namespace

unsigned status_of(std::string_view type) {
  const auto found =
      std::ranges::find(kStatuses, type, &std::pair<std::string_view, unsigned>::first);
  return found == kStatuses.end() ? 400 : found->second;
}

Error with_status(Error error, unsigned status) {
  return std::move(error).with(kStatus, std::to_string(status));
}

http::Response problem(const http::Request& request, Log& log, const Error& error,
                       const std::vector<Subproblem>& subproblems) {
  const Kind kind = kind_of(error);
  const bool ours = kind.status == 500;
  if (ours) {
    log.error("a request failed", {{"request_id", request.request_id},
                                   {"code", name(error.code)},
                                   {"error", error.to_string()}});
  }
  json::Writer out;
  out.begin_object().field("type", std::string(kProblemPrefix) + std::string(kind.type));
  out.field("detail", ours ? "something went wrong here; the operator finds it by the request id " +
                                 request.request_id
                           : error.detail);
  out.field("status", kind.status);
  if (kind.type == "badSignatureAlgorithm") {
    out.key("algorithms").begin_array();
    for (const jose::Algorithm one :
         {jose::Algorithm::kEs256, jose::Algorithm::kEs384, jose::Algorithm::kEs512,
          jose::Algorithm::kEdDsa, jose::Algorithm::kRs256}) {
      out.string(jose::name(one));
    }
    out.end_array();
  }
  if (const auto instance = step_of(error, "instance"); !instance.empty())
    out.field("instance", instance);
  write_subproblems(out, subproblems);
  out.end_object();
  auto response =
      http::Response(kind.status, "application/problem+json", std::move(out).take() + "\n");
  if (const auto terms = step_of(error, "terms"); !terms.empty())
    response = std::move(response).with_header(
        "Link", "<" + std::string(terms) + ">;rel=\"terms-of-service\"");
  if (const auto help = step_of(error, "help"); !help.empty())
    response = std::move(response).with_header("Link", "<" + std::string(help) + ">;rel=\"help\"");
  if (const auto location = step_of(error, "location"); !location.empty())
    response = std::move(response).with_header("Location", location);
  if (error.retry_after) {
    response =
        std::move(response).with_header("Retry-After", std::to_string(error.retry_after->count()));
  } else if (kind.status == 503) {
    response = std::move(response).with_header("Retry-After", "5");
  }
  return response;
}

}  // namespace chancery::acme
