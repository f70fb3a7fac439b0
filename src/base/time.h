#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace chancery {

// TimePoint is UTC to the second, which is what certificates can say.
using TimePoint = std::chrono::sys_time<std::chrono::seconds>;
using std::chrono::seconds;

[[nodiscard]] constexpr TimePoint from_unix(std::int64_t posix_seconds) {
  return TimePoint{std::chrono::seconds{posix_seconds}};
}
[[nodiscard]] constexpr std::int64_t to_unix(TimePoint time) {
  return time.time_since_epoch().count();
}

// Clock tells the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

// SystemClock reads the machine's real-time clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
};

struct CivilTime {
  int year = 1970;
  unsigned month = 1;  // 1..12
  unsigned day = 1;    // 1..31
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

[[nodiscard]] CivilTime to_civil(TimePoint time);
// from_civil refuses days that the calendar does not have. Errors: kMalformed.
[[nodiscard]] Result<TimePoint> from_civil(const CivilTime& civil);

// rfc3339 writes "2026-11-21T10:00:00Z".
[[nodiscard]] std::string rfc3339(TimePoint time);
// parse_rfc3339 reads a date-time with "Z" or a numeric offset; fractions are cut. Errors:
// kMalformed.
[[nodiscard]] Result<TimePoint> parse_rfc3339(std::string_view text);

// parse_duration reads "3600" (seconds), "90s", "1h30m", "2.5h" and, for days, "7d". Units: ms (cut
// to seconds), s, m, h, d. Errors: kMalformed, kTooLarge (over 10,000 years).
[[nodiscard]] Result<seconds> parse_duration(std::string_view text);
// format_duration writes "768h0m0s", as Go does.
[[nodiscard]] std::string format_duration(seconds duration);

}  // namespace chancery
