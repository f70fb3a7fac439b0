#pragma once

#include "base/error.h"
#include "base/log.h"
#include "http/response.h"

namespace chancery::admin {

// status_of is the one table from error codes to HTTP statuses. What a user did wrong is never a
// 5xx.
[[nodiscard]] unsigned status_of(Code code);

// problem answers with a problem document (RFC 9457): type, title, status, detail, code,
// request_id, and what Error::where names (field, rule). Errors that are ours to mend show no
// detail and are logged.
[[nodiscard]] http::Response problem(const http::Request& request, Log& log, const Error& error);

}  // namespace chancery::admin
