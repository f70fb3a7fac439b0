#include "http/request.h"

#include "base/text.h"

namespace chancery::http {

namespace {

template <class Same>
std::optional<std::string_view> only_value(const std::vector<Header>& all, Same same) {
  std::optional<std::string_view> found;
  for (const Header& one : all) {
    if (!same(one.name)) continue;
    if (found) return std::nullopt;
    found = one.value;
  }
  return found;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
  return only_value(headers,
                    [&](std::string_view other) { return equal_ignoring_case(other, name); });
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  return only_value(query, [&](std::string_view other) { return other == name; });
}

}  // namespace chancery::http
