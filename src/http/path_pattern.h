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
  struct Segment {
    std::string text;
    bool is_variable = false;
  };
  // fits says whether a path has the pattern's form. A table asks most of its patterns in vain, so
  // this costs no memory.
  [[nodiscard]] bool fits(std::string_view path) const;

  std::string text_;
  std::vector<Segment> segments_;
};

}  // namespace chancery::http
