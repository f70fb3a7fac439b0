#pragma once

#include <string>

#include "protocols/json/field_reader.h"

namespace chancery::admin {

// finish_strictly ends the reading of a request's fields: this API refuses what it does not know,
// so that a misspelt field is noticed. Errors: kInvalidArgument with the field.
[[nodiscard]] inline Result<void> finish_strictly(json::FieldReader& fields) {
  const auto unknown = TRY(fields.finish());
  if (unknown.empty()) return {};
  return std::unexpected(
      Error{Code::kInvalidArgument, "unknown field \"" + unknown.front() + "\"", {}, {}}.with(
          "field", unknown.front()));
}

// read_limit reads the size of a page: 1..most.
[[nodiscard]] inline std::size_t read_limit(json::FieldReader& fields, std::size_t otherwise,
                                            std::size_t most) {
  const std::int64_t limit = fields.integer("limit", static_cast<std::int64_t>(otherwise));
  if (limit < 1 || static_cast<std::uint64_t>(limit) > most) {
    fields.refuse("limit", "it can be 1 to " + std::to_string(most));
    return otherwise;
  }
  return static_cast<std::size_t>(limit);
}

}  // namespace chancery::admin
