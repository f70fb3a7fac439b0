#pragma once

#include <string_view>
#include <vector>

#include "acme/refusal.h"
#include "base/log.h"
#include "http/response.h"

namespace chancery::acme {

inline constexpr std::string_view kProblemPrefix = "urn:ietf:params:acme:error:";

// status_of is the HTTP status of a problem type.
[[nodiscard]] unsigned status_of(std::string_view type);

// problem answers with a problem document (RFC 8555 section 6.7, RFC 9457): what the error's
// context names, else what its code stands for. Errors that are ours to mend show no detail and are
// logged.
[[nodiscard]] http::Response problem(const http::Request& request, Log& log, const Error& error,
                                     const std::vector<Subproblem>& subproblems = {});

// with_status overrides the status of a refusal ("malformed" that is a 405).
[[nodiscard]] Error with_status(Error error, unsigned status);

}  // namespace chancery::acme
