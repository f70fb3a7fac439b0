#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/refusal.h"
#include "jose/json.h"

// Typed members of a request's payload. What is not known is ignored (RFC 8555 section 7); what is
// known and of another type is malformed.
namespace chancery::acme {

[[nodiscard]] Result<std::optional<std::string>> text_field(const jose::Json& object,
                                                            std::string_view name);
[[nodiscard]] Result<bool> flag_field(const jose::Json& object, std::string_view name);
[[nodiscard]] Result<std::optional<std::vector<std::string>>> texts_field(const jose::Json& object,
                                                                          std::string_view name);
[[nodiscard]] Result<std::optional<TimePoint>> time_field(const jose::Json& object,
                                                          std::string_view name);
// octets_field reads base64url without padding, which must be there.
[[nodiscard]] Result<Bytes> octets_field(const jose::Json& object, std::string_view name);

[[nodiscard]] inline std::unexpected<Error> malformed(std::string detail) {
  return refuse("malformed", std::move(detail), Code::kMalformed);
}

}  // namespace chancery::acme
