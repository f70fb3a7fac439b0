#pragma once

#include "http/request.h"
#include "http/response.h"

namespace chancery::http {

// apply_range turns the 200 response to a GET with a Range header into a 206 with that part, or
// into a 416 when it has no such part (RFC 9110, 14). Only bodies of shared bytes and file ranges,
// which are the same for every request, have ranges; they get an Accept-Ranges header. One range
// only: for several, for other units and for what does not parse the whole body is the answer, as
// the RFC allows, and likewise when If-Range names another state of the resource than ETag or
// Last-Modified of the response.
void apply_range(const Request& request, Response& response);

}  // namespace chancery::http
