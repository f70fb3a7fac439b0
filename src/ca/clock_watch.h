#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "base/log.h"
#include "base/time.h"
#include "record/store.h"

namespace chancery::ca {

// ClockWatch says whether the time of day may date certificates. It may not once it has jumped,
// until it is back where it was or the program is started again; nor while it is behind the history
// that this node has written. Revocations and CRLs go on. Thread-safe.
class ClockWatch {
 public:
  // What a clock may be off: it counts whole seconds, and has leap seconds.
  static constexpr seconds kTolerance{5};
  // Elapsed tells how long something unnamed is ago, whatever the time of day is set to.
  using Elapsed = std::function<seconds()>;

  ClockWatch(const Clock& clock, Elapsed elapsed, Log& log);

  // The machine's time since it was started, sleep included.
  [[nodiscard]] static seconds since_boot();

  // expect has the clock held against the newest event of the history. Errors: those of reading.
  [[nodiscard]] Result<void> expect_after(const record::LogReader& history);
  // check looks at the clock; a change is logged. Errors: kUnavailable, saying what to do.
  [[nodiscard]] Result<void> check();
  // jumps is how often the clock has become wrong so far.
  [[nodiscard]] std::uint64_t jumps() const;

 private:
  // Both clocks at one moment.
  struct Reading {
    TimePoint now;
    seconds elapsed;
  };
  [[nodiscard]] Reading read() const;
  // How far the clock is from where it should be; 0 when that is nothing to speak of.
  [[nodiscard]] seconds off(const Reading& reading) const;

  const Clock& clock_;
  const Elapsed elapsed_;
  Log& log_;
  mutable std::mutex mutex_;
  const TimePoint origin_;           // the time of day at the moment that Elapsed counts from
  std::optional<TimePoint> newest_;  // event; guarded by mutex_, as the rest
  bool is_off_ = false;
  std::uint64_t jumps_ = 0;
};

}  // namespace chancery::ca
