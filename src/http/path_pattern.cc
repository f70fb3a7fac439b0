#include "http/path_pattern.h"

#include "base/text.h"

namespace chancery::http {

namespace {

bool is_variable(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

PathPattern::PathPattern(std::string_view text) : text_(text) {
  for (const std::string_view segment : split(text, '/')) segments_.emplace_back(segment);
}

std::optional<std::vector<std::string_view>> PathPattern::match(std::string_view path) const {
  std::vector<std::string_view> values;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const std::size_t end = path.find('/');
    const bool is_last = i + 1 == segments_.size();
    if (is_last != (end == std::string_view::npos)) return std::nullopt;
    const std::string_view segment = path.substr(0, end);
    if (!is_variable(segments_[i])) {
      if (segment != segments_[i]) return std::nullopt;
    } else if (segment.empty()) {
      return std::nullopt;
    } else {
      values.push_back(segment);
    }
    if (!is_last) path.remove_prefix(end + 1);
  }
  return values;
}

}  // namespace chancery::http
