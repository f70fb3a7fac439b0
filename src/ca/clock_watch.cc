#include "ca/clock_watch.h"

#include <time.h>

#include <utility>

namespace chancery::ca {

ClockWatch::ClockWatch(const Clock& clock, Elapsed elapsed, Log& log)
    : clock_(clock), elapsed_(std::move(elapsed)), log_(log), origin_([this] {
        const Reading reading = read();
        return reading.now - reading.elapsed;
      }()) {}

seconds ClockWatch::since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return seconds{now.tv_sec};
}

Result<void> ClockWatch::expect_after(const record::LogReader& history) {
  if (history.size() == 0) return {};
  const record::LogRow row = TRY(history.get(history.size() - 1));
  const record::Event event = TRY(record::decode(row.entry.event));
  const std::scoped_lock lock(mutex_);
  newest_ = event.time;
  return {};
}

// A thread may be stopped between the two.
ClockWatch::Reading ClockWatch::read() const {
  while (true) {
    const seconds before = elapsed_();
    const TimePoint now = clock_.now();
    if (elapsed_() - before <= seconds{1}) return {now, before};
  }
}

seconds ClockWatch::off(const Reading& reading) const {
  const TimePoint now = reading.now;
  const seconds step = now - origin_ - reading.elapsed;
  if (step > kTolerance || step < -kTolerance) return step;
  if (newest_ && now + kTolerance < *newest_) return now - *newest_;
  return seconds{0};
}

Result<void> ClockWatch::check() {
  const Reading reading = read();
  const TimePoint now = reading.now;
  const std::scoped_lock lock(mutex_);
  const seconds off = this->off(reading);
  const bool was_off = std::exchange(is_off_, off != seconds{0});
  if (!is_off_ && was_off) log_.warning("the clock is right again", {{"time", rfc3339(now)}});
  if (!is_off_) return {};
  if (!was_off) {
    ++jumps_;
    log_.error("the clock is wrong: no certificates are issued",
               {{"time", rfc3339(now)}, {"off_seconds", off.count()}});
  }
  return fail(Code::kUnavailable,
              "the clock has jumped, or is behind the history of this node: nothing is issued "
              "until it is right, or the server is started again with --accept-clock");
}

std::uint64_t ClockWatch::jumps() const {
  const std::scoped_lock lock(mutex_);
  return jumps_;
}

}  // namespace chancery::ca
