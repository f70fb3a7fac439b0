#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chancery {

// Code says what kind of failure an Error is. The list is closed: front ends map each code to their
// protocol's status once, in one table.
enum class Code : std::uint8_t {
  kMalformed,         // the bytes do not parse: DER, PEM, JSON, a number, a name
  kInvalidArgument,   // well formed, but the value makes no sense here
  kRefused,           // well formed and understood, but a policy or profile forbids it
  kUnauthenticated,   // no credential, or one that is not valid
  kPermissionDenied,  // a valid credential that may not do this
  kNotFound,          // the named thing does not exist
  kAlreadyExists,     // the named thing exists and must not
  kConflict,          // a precondition failed in the commit: another change came first
  kMethodNotAllowed,  // the route exists, the method is not offered on it
  kUnsupported,       // a valid request for something this program does not do
  kTooLarge,          // a size, depth or count bound was exceeded
  kTooManyRequests,   // a rate or queue bound was exceeded; retry_after says when to come back
  kUnavailable,       // temporarily unable (starting, stopping, store out of service)
  kDeadlineExceeded,  // took longer than allowed
  kStorageFull,       // no space; nothing was written
  kDataLoss,          // stored bytes fail their check
  kUnknownOutcome,    // may or may not have happened; look the request id up
  kInternal,          // a broken invariant or a library failure; the detail never reaches a client
};

// name returns the code's stable lower-case name ("not_found"), used in logs and the admin API.
[[nodiscard]] std::string_view name(Code code);

// Context is one step of where an error happened: a field, an index, a file.
struct Context {
  std::string key;
  std::string value;
};

// Error says what was wrong (`detail`, a sentence for people), where (`where`, innermost first) and
// when to try again. It never holds secrets.
struct [[nodiscard]] Error {
  Code code = Code::kInternal;
  std::string detail;
  std::vector<Context> where;
  std::optional<std::chrono::seconds> retry_after;

  // with adds a step of context: Error{...}.with("field", "ttl").
  [[gnu::cold]] Error with(std::string_view key, std::string_view value) && {
    where.push_back({std::string(key), std::string(value)});
    return std::move(*this);
  }

  // to_string renders "detail (key=value, ...)" for logs and the command line.
  [[nodiscard]] std::string to_string() const;
};

}  // namespace chancery
