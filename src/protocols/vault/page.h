#pragma once

#include <string>

#include "protocols/json/field_reader.h"

namespace chancery::vault {

// Page is OpenBao's list paging: keys after `after`, at most `limit`.
struct Page {
  std::string after;
  std::size_t limit;
};

// read_page reads after and limit from a list's query. Without a limit, or with one that is not
// positive, the whole list is meant, but never more than `most` keys. Errors: kInvalidArgument.
[[nodiscard]] inline Result<Page> read_page(const json::Body& query, std::size_t most) {
  json::FieldReader fields(query);
  const std::string after = fields.text("after");
  const std::int64_t limit = fields.integer("limit");
  TRY(fields.finish());
  const bool bounded = limit > 0 && static_cast<std::uint64_t>(limit) < most;
  return Page{after, bounded ? static_cast<std::size_t>(limit) : most};
}

}  // namespace chancery::vault
