#include "http/range.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "http/body_reader.h"

namespace chancery::http {

namespace {

struct Range {
  std::uint64_t first = 0;
  std::uint64_t size = 0;  // 0: the body has no such part
};

// A number of digits only; nothing when it is none or does not fit.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || at != end) return std::nullopt;
  return value;
}

// Reads "bytes=first-last", "bytes=first-" or "bytes=-suffix"; nothing for anything else.
std::optional<Range> parse(std::string_view text, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text = trim(text.substr(kUnit.size()));
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(dash + 1);
  if (dash == 0) {
    const auto suffix = number(rest);
    if (!suffix) return std::nullopt;
    const std::uint64_t wanted = std::min(*suffix, size);
    return Range{size - wanted, wanted};
  }
  const auto first = number(text.substr(0, dash));
  const auto last = rest.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : number(rest);
  if (!first || !last || *last < *first) return std::nullopt;
  if (*first >= size) return Range{};
  return Range{*first, std::min(*last, size - 1) - *first + 1};
}

Response::Body part_of(const Response::Body& body, const Range& range) {
  if (const auto* file = std::get_if<FileRange>(&body))
    return FileRange{file->file, file->offset + range.first, range.size};
  return SharedRange{std::get<std::shared_ptr<const Bytes>>(body),
                     static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.size)};
}

bool has_ranges(const Response::Body& body) {
  const auto* shared = std::get_if<std::shared_ptr<const Bytes>>(&body);
  return std::holds_alternative<FileRange>(body) || (shared != nullptr && *shared);
}

// If-Range (RFC 9110, 13.1.5) holds a strong entity tag or the exact date.
bool is_same_state(std::string_view condition, const Response& response) {
  const auto current = response.header(condition.starts_with('"') ? "ETag" : "Last-Modified");
  return current && *current == condition;
}

}  // namespace

void apply_range(const Request& request, Response& response) {
  if (response.status() != 200 || !has_ranges(response.content())) return;
  response = std::move(response).with_header("Accept-Ranges", "bytes");
  const auto wanted = request.header("Range");
  if (!wanted || request.method != "GET") return;
  const auto condition = request.header("If-Range");
  if (condition && !is_same_state(*condition, response)) return;
  const std::uint64_t size = body_size(response.content()).value_or(0);
  const auto range = parse(*wanted, size);
  if (!range) return;
  if (range->size == 0) {
    response = Response::empty(416).with_header("Content-Range", "bytes */" + std::to_string(size));
    return;
  }
  response.set_content(part_of(response.content(), *range));
  response.set_status(206);
  response = std::move(response).with_header(
      "Content-Range", "bytes " + std::to_string(range->first) + "-" +
                           std::to_string(range->first + range->size - 1) + "/" +
                           std::to_string(size));
}

}  // namespace chancery::http
