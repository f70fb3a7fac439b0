#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "protocols/admin/call.h"
#include "protocols/json/field_reader.h"

namespace chancery::admin {

// finish_strictly ends the reading of a request's fields: this API refuses what it does not know,
// so that a misspelt field is noticed. `known` are the names to suggest from. Errors:
// kInvalidArgument with the field.
[[nodiscard]] inline Result<void> finish_strictly(json::FieldReader& fields,
                                                  const std::vector<std::string_view>& known = {}) {
  const auto unknown = TRY(fields.finish());
  if (unknown.empty()) return {};
  std::string detail = "unknown field \"" + unknown.front() + "\"";
  if (const auto near = nearest(unknown.front(), known); !near.empty()) {
    detail += "; did you mean \"" + std::string(near) + "\"?";
  }
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", unknown.front()));
}

// is_dry_run reads the one parameter of a PUT: whether only to say what would be stored.
[[nodiscard]] inline Result<bool> is_dry_run(const Call& call) {
  if (call.request.query.empty()) return false;
  const http::Header& parameter = call.request.query.front();
  const bool known = call.request.query.size() == 1 && parameter.name == "dry_run" &&
                     (parameter.value == "true" || parameter.value == "false");
  if (known) return parameter.value == "true";
  return std::unexpected(Error{
      Code::kInvalidArgument,
      "the one parameter here is dry_run=true or =false",
      {},
      {}}.with("field", "dry_run"));
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

// end_page ends the object of a page of names with "next": the last of them where there are more.
[[nodiscard]] inline json::Writer end_page(json::Writer out, const std::vector<std::string>& names,
                                           bool more) {
  out.key("next");
  if (more) {
    out.string(names.back());
  } else {
    out.null();
  }
  out.end_object();
  return out;
}

}  // namespace chancery::admin
