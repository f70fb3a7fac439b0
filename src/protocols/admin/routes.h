#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "access/principal.h"
#include "http/response.h"

namespace chancery::admin {

struct Call;

enum class Guard : std::uint8_t { kToken, kOpen };

// Reads says what a handler reads, and so where it may run.
enum class Reads : std::uint8_t {
  kNothing,
  kRows,  // by key: on a reactor where the store is local
  kMany,  // on the search lane
};

using Handler = http::Response (*)(Call&);
// Which resource the guard asks access::allow for: the paths that Vault's policies use, so that one
// policy covers both APIs.
using ResourcePath = std::string (*)(const Call&);

struct Route {
  std::string_view method;
  std::string_view pattern;  // below "/api/v1/", no slash at either end
  std::string_view id;       // OpenAPI's operationId
  Guard guard;
  access::Action action;
  ResourcePath resource;
  Reads reads;
  Handler handler;
  // For the OpenAPI document.
  std::string_view summary;
  std::string_view parameters;       // names of components/parameters, separated by blanks
  std::string_view request_schema;   // "": no body
  unsigned status;                   // of success
  std::string_view response_schema;  // "": no body
};

// routes is the whole surface of this API. What is not listed is refused.
[[nodiscard]] std::span<const Route> routes();

}  // namespace chancery::admin
