#pragma once

#include "enrol/expected_version.h"
#include "http/request.h"
#include "http/response.h"
#include "protocols/json/field_reader.h"

namespace chancery::admin {

// expected_version reads the condition of a request: If-Match ("3" in quotes, as ETag said) or
// If-None-Match: *, which asks for a new object. Errors: kInvalidArgument with field "version".
[[nodiscard]] Result<enrol::ExpectedVersion> expected_version(const http::Request& request);

// read_version also takes the body's "version", which means the same as If-Match.
[[nodiscard]] Result<enrol::ExpectedVersion> read_version(const http::Request& request,
                                                          json::FieldReader& fields);

// with_version says an object's version in ETag; 0 is none.
[[nodiscard]] http::Response with_version(http::Response response, std::uint64_t version);

}  // namespace chancery::admin
