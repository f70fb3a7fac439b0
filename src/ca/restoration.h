#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "record/store.h"

namespace chancery::ca {

// Restoration is what a store that was made from a backup knows about that.
struct Restoration {
  std::string lost_store_id;   // the store that the backup was made of
  TimePoint backup_time;       // what happened after it is not here
  std::uint64_t log_rows = 0;  // that came from the backup
  TimePoint restored_at;
  // Set once an operator has said that the old node is gone.
  std::optional<TimePoint> confirmed_at;
  std::string confirmed_by;

  [[nodiscard]] bool confirmed() const { return confirmed_at.has_value(); }
};
[[nodiscard]] Bytes encode(const Restoration& restoration);
[[nodiscard]] Result<Restoration> decode_restoration(BytesView der);
// The one row that holds it; absent in a store that no backup was restored into.
[[nodiscard]] const record::StateKey& restoration_key();

// crl_number_after_restore is a number above every one that the lost node can have given out after
// the backup, given that of the backup: the seconds since 1970, times 2^24, and at least 2^40 more
// than before. A node that publishes less than 16 million CRLs a second stays below its own clock's
// value, so one restored later from the same backup goes on above it as well; the 2^40 are for a
// clock that runs behind. Errors: kTooLarge (the number does not fit 63 bits any more).
[[nodiscard]] Result<std::uint64_t> crl_number_after_restore(std::uint64_t number,
                                                             TimePoint restored_at);

// SigningGate says whether this node may sign certificates and CRLs. It may not between a restore
// and its confirmation: the node that was backed up may still be at work, and two nodes with one
// key and two histories would contradict each other. check costs one atomic read. Thread-safe.
class SigningGate final : public record::CommitObserver {
 public:
  explicit SigningGate(const record::StateReader& reader);
  // check: errors: kUnavailable, saying what to do.
  [[nodiscard]] Result<void> check() const {
    if (open_.load(std::memory_order_relaxed)) [[likely]]
      return {};
    return refusal();
  }
  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  [[nodiscard]] static Result<void> refusal();

  std::atomic<bool> open_{false};
};

}  // namespace chancery::ca
