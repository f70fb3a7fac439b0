#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/path_pattern.h"

namespace chancery::http {

// RouteTable finds the row of an API's table that a request means. A Route has at least a `method`
// and a `pattern` (see PathPattern). The rows live longer than the table. Thread-safe once made.
template <typename Route>
class RouteTable {
 public:
  struct Target {
    const Route* route = nullptr;             // nothing: no such path, or not by this method
    std::vector<std::string_view> variables;  // of the route's pattern, in order
    const Route* sibling = nullptr;           // the last row of this path by another method
    std::string allow;                        // the methods of such rows, as in an Allow header
  };

  explicit RouteTable(std::span<const Route> rows) : rows_(rows) {
    for (const Route& row : rows) patterns_.emplace_back(row.pattern);
  }

  [[nodiscard]] Target find(std::string_view method, std::string_view path) const {
    Target target;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      auto variables = patterns_[i].match(path);
      if (!variables) continue;
      const Route& row = rows_[i];
      if (row.method == method) {
        target.route = &row;
        target.variables = *std::move(variables);
        return target;
      }
      target.sibling = &row;
      target.allow += (target.allow.empty() ? "" : ", ") + std::string(row.method);
    }
    return target;
  }

 private:
  std::span<const Route> rows_;
  std::vector<PathPattern> patterns_;
};

}  // namespace chancery::http
