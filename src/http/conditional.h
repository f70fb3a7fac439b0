#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "http/request.h"
#include "http/response.h"

namespace chancery::http {

// Validators name the present state of a resource (RFC 9110, 8.8).
struct Validators {
  std::string etag;                   // with its quotes
  std::optional<TimePoint> modified;  // nothing where that second had several states
  seconds max_age{0};  // how long a cache may give it out without asking; 0: it asks each time
  std::optional<TimePoint> expires = std::nullopt;  // when it is of no use any more
  // Whether another state may have the same `modified`: then If-Modified-Since says nothing.
  bool ambiguous = false;
};

// http_date writes "Sun, 22 Nov 2026 07:14:10 GMT"; parse_http_date reads this form alone, the one
// that RFC 9110 lets be sent.
[[nodiscard]] std::string http_date(TimePoint time);
[[nodiscard]] std::optional<TimePoint> parse_http_date(std::string_view text);

// is_unchanged says that the client has this state already: by If-None-Match, and only without it
// by If-Modified-Since (RFC 9110, 13.2.2).
[[nodiscard]] bool is_unchanged(const Request& request, const Validators& validators);

// not_modified is the answer to a client that has this state already.
[[nodiscard]] Response not_modified(const Validators& validators);
// cacheable is a public answer in this state.
[[nodiscard]] Response cacheable(std::string_view content_type, Response::Body body,
                                 const Validators& validators);

}  // namespace chancery::http
