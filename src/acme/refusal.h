#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "acme/rows.h"
#include "base/result.h"

// The errors of this folder that are for ACME clients: an Error whose context has the problem type
// of RFC 8555 section 6.7 under kProblem.
namespace chancery::acme {

inline constexpr std::string_view kProblem = "acme";

// refusal makes such an error; `type` is "badCSR". The code says what it is to everybody else.
[[nodiscard]] inline Error make_refusal(std::string_view type, std::string detail,
                                        Code code = Code::kRefused) {
  return Error{code, std::move(detail), {}, {}}.with(kProblem, type);
}
[[nodiscard]] inline std::unexpected<Error> refuse(std::string_view type, std::string detail,
                                                   Code code = Code::kRefused) {
  return std::unexpected(make_refusal(type, std::move(detail), code));
}

// rate_limited says that something is to be done again only after `wait`.
[[nodiscard]] inline std::unexpected<Error> rate_limited(const std::string& detail, seconds wait) {
  Error error =
      make_refusal("rateLimited", detail + "; try again in " + std::to_string(wait.count()) + " s",
                   Code::kTooManyRequests);
  error.retry_after = wait;
  return std::unexpected(std::move(error));
}

// step_of returns a step of an error's context, or "".
[[nodiscard]] inline std::string_view step_of(const Error& error, std::string_view key) {
  for (const Context& step : error.where) {
    if (step.key == key) return step.value;
  }
  return {};
}

// Subproblem says what is wrong with one identifier (RFC 8555 section 6.7.1).
struct Subproblem {
  std::string type;
  std::string detail;
  std::string identifier_type;  // "dns"
  std::string identifier;
};

}  // namespace chancery::acme
