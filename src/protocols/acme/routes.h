#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "http/response.h"

namespace chancery::acme {

struct Call;

// How a request has to be signed (RFC 8555 section 6.2).
enum class Signed : std::uint8_t { kNot, kByNewKey, kByAccount, kByEither };
// What the payload has to be (RFC 8555 section 6.3): nothing, an object, or either of them.
enum class Payload : std::uint8_t { kNone, kEmpty, kObject, kEither };

using Handler = http::Response (*)(Call&);

struct Route {
  std::string_view method;
  std::string_view pattern;  // below "/acme/", no slash at either end
  std::string_view name;     // for metrics and logs
  Signed by;
  Payload payload;
  bool needs_terms;                // refused to accounts that have not agreed to the present terms
  std::optional<http::Lane> lane;  // where it has to run
  Handler handler;
};

// routes is the whole surface. What is not listed is refused.
[[nodiscard]] std::span<const Route> routes();

}  // namespace chancery::acme
