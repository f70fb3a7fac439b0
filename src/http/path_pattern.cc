#include "http/path_pattern.h"

#include "base/text.h"

namespace chancery::http {

namespace {

bool is_variable(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Takes the first segment off a path.
std::string_view take_segment(std::string_view& path) {
  const std::size_t end = path.find('/');
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  return segment;
}

}  // namespace

PathPattern::PathPattern(std::string_view text) : text_(text) {
  for (const std::string_view segment : split(text, '/'))
    segments_.push_back({std::string(segment), is_variable(segment)});
}

bool PathPattern::fits(std::string_view path) const {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const bool is_last = i + 1 == segments_.size();
    if (is_last == path.contains('/')) return false;
    const std::string_view segment = take_segment(path);
    if (segments_[i].is_variable ? segment.empty() : segment != segments_[i].text) return false;
  }
  return true;
}

std::optional<std::vector<std::string_view>> PathPattern::match(std::string_view path) const {
  if (!fits(path)) return std::nullopt;
  std::vector<std::string_view> values;
  values.reserve(segments_.size());
  for (const Segment& mine : segments_) {
    const std::string_view segment = take_segment(path);
    if (mine.is_variable) values.push_back(segment);
  }
  return values;
}

}  // namespace chancery::http
