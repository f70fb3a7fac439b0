#pragma once

// One path and verb for each row of the route table; for tests only.

#include <string>
#include <string_view>

#include "base/text.h"
#include "protocols/vault/routes.h"

namespace chancery::vault {

// example_path is a path that a row's pattern matches, below "/v1/".
inline std::string example_path(const Route& route) {
  std::string path(prefix(route.area));
  for (const std::string_view segment : split(route.pattern, '/')) {
    const std::string_view value = !segment.starts_with('{')   ? segment
                                   : segment == "{serial}"     ? std::string_view("11:22")
                                   : segment == "{mount}"      ? std::string_view("pki")
                                   : segment == "{kind}"       ? std::string_view("internal")
                                   : segment.ends_with("...}") ? std::string_view("pki/x")
                                                               : std::string_view("nobody");
    path += (path.empty() || path.ends_with('/') ? "" : "/") + std::string(value);
  }
  return path;
}

inline std::string_view verb(Operation operation) {
  switch (operation) {
    case Operation::kRead:
      return "GET";
    case Operation::kList:
      return "LIST";
    case Operation::kUpdate:
      return "POST";
    case Operation::kPatch:
      return "PATCH";
    case Operation::kDelete:
      return "DELETE";
    case Operation::kHead:
      return "HEAD";
  }
  return "";
}

}  // namespace chancery::vault
