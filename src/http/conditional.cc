#include "http/conditional.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace chancery::http {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kDateSize = 29;

void append_two(std::string& text, unsigned value) {
  text.push_back(static_cast<char>('0' + value / 10 % 10));
  text.push_back(static_cast<char>('0' + value % 10));
}

// The digits at a place of the text; nothing when they are none.
std::optional<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) {
  unsigned value = 0;
  const char* const begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + count, value);
  if (error != std::errc{} || end != begin + count) return std::nullopt;
  return value;
}

// names_tag says that a list of entity tags has this one, by weak comparison.
bool names_tag(std::string_view list, std::string_view etag) {
  return std::ranges::any_of(split(list, ','), [&](std::string_view item) {
    item = trim(item);
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == etag;
  });
}

Response with_validators(Response response, const Validators& validators) {
  const std::string age = std::to_string(validators.max_age.count());
  response = std::move(response)
                 .with_header("Cache-Control", "public, max-age=" + age + ", must-revalidate")
                 .with_header("ETag", validators.etag);
  if (validators.expires)
    response = std::move(response).with_header("Expires", http_date(*validators.expires));
  if (!validators.modified) return response;
  return std::move(response).with_header("Last-Modified", http_date(*validators.modified));
}

}  // namespace

std::string http_date(TimePoint time) {
  const CivilTime civil = to_civil(time);
  const std::int64_t days = to_unix(floor<std::chrono::days>(time)) / 86'400;
  const auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);
  // Every cacheable answer has two.
  std::string text;
  text.reserve(kDateSize);
  text.append(kDays[weekday]).append(", ");
  append_two(text, civil.day);
  text.append(" ").append(kMonths[civil.month - 1]).append(" ");
  append_two(text, static_cast<unsigned>(civil.year) / 100);
  append_two(text, static_cast<unsigned>(civil.year) % 100);
  char before = ' ';
  for (const unsigned part : {civil.hour, civil.minute, civil.second}) {
    text.push_back(std::exchange(before, ':'));
    append_two(text, part);
  }
  return text.append(" GMT");
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
  if (text.size() != kDateSize) return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = digits(text, 5, 2);
  const auto year = digits(text, 12, 4);
  const auto hour = digits(text, 17, 2);
  const auto minute = digits(text, 20, 2);
  const auto second = digits(text, 23, 2);
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const auto index = static_cast<unsigned>(month - kMonths.begin());
  const auto time = from_civil({static_cast<int>(*year), index + 1, *day, *hour, *minute, *second});
  // The rest of the text is as it must be, the weekday included.
  if (!time || http_date(*time) != text) return std::nullopt;
  return *time;
}

bool is_unchanged(const Request& request, const Validators& validators) {
  if (const auto tags = request.header("If-None-Match")) return names_tag(*tags, validators.etag);
  const auto since = request.header("If-Modified-Since");
  if (!since || !validators.modified || validators.ambiguous) return false;
  const auto time = parse_http_date(*since);
  return time && *validators.modified <= *time;
}

Response not_modified(const Validators& validators) {
  return with_validators(Response::empty(304), validators);
}

Response cacheable(std::string_view content_type, Response::Body body,
                   const Validators& validators) {
  return with_validators(Response(200, content_type, std::move(body)), validators);
}

}  // namespace chancery::http
