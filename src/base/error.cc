#include "base/error.h"

#include <cstdio>
#include <cstdlib>

#include "base/result.h"

namespace chancery {

std::string_view name(Code code) {
  switch (code) {
    case Code::kMalformed:
      return "malformed";
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kRefused:
      return "refused";
    case Code::kUnauthenticated:
      return "unauthenticated";
    case Code::kPermissionDenied:
      return "permission_denied";
    case Code::kNotFound:
      return "not_found";
    case Code::kAlreadyExists:
      return "already_exists";
    case Code::kConflict:
      return "conflict";
    case Code::kMethodNotAllowed:
      return "method_not_allowed";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kTooLarge:
      return "too_large";
    case Code::kTooManyRequests:
      return "too_many_requests";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kDeadlineExceeded:
      return "deadline_exceeded";
    case Code::kStorageFull:
      return "storage_full";
    case Code::kDataLoss:
      return "data_loss";
    case Code::kUnknownOutcome:
      return "unknown_outcome";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

std::string Error::to_string() const {
  std::string text = detail;
  if (where.empty()) return text;
  text += " (";
  for (std::size_t i = 0; i < where.size(); ++i) {
    if (i > 0) text += ", ";
    text += where[i].key + "=" + where[i].value;
  }
  text += ")";
  return text;
}

namespace detail {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, condition);
  std::abort();
}

}  // namespace detail
}  // namespace chancery
