#include "base/time.h"

#include <array>
#include <cstdio>

namespace chancery {
namespace {

constexpr std::int64_t kMaxDuration = 10'000LL * 366 * 86'400;

Result<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return fail(Code::kMalformed, "time is too short");
  unsigned value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return fail(Code::kMalformed, "time has a non-digit");
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return value;
}

Result<std::int64_t> unit_milliseconds(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1'000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  if (unit == "d") return 86'400'000;
  return fail(Code::kMalformed, "unknown unit in duration; use s, m, h or d");
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<seconds>(std::chrono::system_clock::now());
}

CivilTime to_civil(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto rest = (time - day).count();
  return {static_cast<int>(date.year()),         static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),     static_cast<unsigned>(rest / 3600),
          static_cast<unsigned>(rest / 60 % 60), static_cast<unsigned>(rest % 60)};
}

Result<TimePoint> from_civil(const CivilTime& civil) {
  const std::chrono::year_month_day date{
      std::chrono::year{civil.year}, std::chrono::month{civil.month}, std::chrono::day{civil.day}};
  if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 59) {
    return fail(Code::kMalformed, "no such date or time");
  }
  const std::int64_t second_of_day = civil.hour * 3600 + civil.minute * 60 + civil.second;
  return TimePoint{std::chrono::sys_days{date}} + seconds{second_of_day};
}

std::string rfc3339(TimePoint time) {
  const CivilTime c = to_civil(time);
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02u:%02u:%02uZ",
                                   c.year, c.month, c.day, c.hour, c.minute, c.second);
  return {text.data(), static_cast<std::size_t>(length)};
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return fail(Code::kMalformed, "not an RFC 3339 date-time such as 2026-01-31T12:00:00Z");
  }
  CivilTime civil;
  civil.year = static_cast<int>(TRY(digits(text, 0, 4)));
  civil.month = TRY(digits(text, 5, 2));
  civil.day = TRY(digits(text, 8, 2));
  civil.hour = TRY(digits(text, 11, 2));
  civil.minute = TRY(digits(text, 14, 2));
  civil.second = TRY(digits(text, 17, 2));
  std::size_t at = 19;
  if (text[at] == '.') {
    do {
      ++at;
    } while (at < text.size() && is_digit(text[at]));
  }
  const TimePoint local = TRY(from_civil(civil));
  const std::string_view zone = text.substr(at);
  if (zone == "Z" || zone == "z") return local;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
    return fail(Code::kMalformed, "date-time has no zone: add Z or an offset such as +02:00");
  }
  const unsigned hours = TRY(digits(zone, 1, 2));
  const unsigned minutes = TRY(digits(zone, 4, 2));
  if (hours > 23 || minutes > 59) return fail(Code::kMalformed, "no such zone offset");
  const seconds offset{static_cast<std::int64_t>(hours) * 3600 + minutes * 60};
  const TimePoint time = zone[0] == '+' ? local - offset : local + offset;
  // What the offset moves out of the years of four digits could not be written again.
  const int year = to_civil(time).year;
  if (year < 0 || year > 9999) return fail(Code::kMalformed, "not in the years 0 to 9999");
  return time;
}

Result<seconds> parse_duration(std::string_view text) {
  if (text.empty()) return fail(Code::kMalformed, "empty duration");
  const bool negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  std::int64_t total = 0;  // milliseconds
  std::size_t at = 0;
  if (text.empty()) return fail(Code::kMalformed, "empty duration");
  while (at < text.size()) {
    std::int64_t whole = 0;
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    const std::size_t start = at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      whole = whole * 10 + (text[at] - '0');
      if (whole > kMaxDuration) return fail(Code::kTooLarge, "duration is too long");
    }
    if (at < text.size() && text[at] == '.') {
      for (++at; at < text.size() && is_digit(text[at]); ++at) {
        if (scale >= 1'000'000) continue;
        fraction = fraction * 10 + (text[at] - '0');
        scale *= 10;
      }
    }
    if (at == start) return fail(Code::kMalformed, "duration needs a number before its unit");
    const std::size_t unit_start = at;
    while (at < text.size() && !is_digit(text[at]) && text[at] != '.') ++at;
    const std::string_view unit = text.substr(unit_start, at - unit_start);
    // A bare number is seconds, but only when it stands alone.
    if (unit.empty() && (start != 0 || scale != 1)) {
      return fail(Code::kMalformed, "duration has a number without a unit");
    }
    const std::int64_t factor = unit.empty() ? 1'000 : TRY(unit_milliseconds(unit));
    if (whole > kMaxDuration * 1'000 / factor) return fail(Code::kTooLarge, "duration is too long");
    total += whole * factor + fraction * factor / scale;
    if (total > kMaxDuration * 1'000) return fail(Code::kTooLarge, "duration is too long");
  }
  const seconds value{total / 1'000};
  return negative ? -value : value;
}

std::string format_duration(seconds duration) {
  std::int64_t rest = duration.count();
  std::string text = rest < 0 ? "-" : "";
  if (rest < 0) rest = -rest;
  if (rest >= 3600) text += std::to_string(rest / 3600) + "h";
  if (rest >= 60) text += std::to_string(rest / 60 % 60) + "m";
  return text + std::to_string(rest % 60) + "s";
}

}  // namespace chancery
