#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chancery::http {

// PathPattern is a route such as "issuer/{ref}/sign/{role}": literal segments and variables that
// match one non-empty segment each. Patterns and paths have no leading slash.
class PathPattern {
 public:
  explicit PathPattern(std::string_view text);

  // match returns the variables' values in order, or nothing.
  [[nodiscard]] std::optional<std::vector<std::string_view>> match(std::string_view path) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string> segments_;
};

}  // namespace chancery::http
