#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <vector>

#include "record/store.h"

namespace chancery::storage {

// RowChange is what a batch makes of a row: its version, or nothing when it is gone.
struct RowChange {
  const record::StateKey* key = nullptr;
  std::optional<std::uint64_t> version;
};

// Publication makes a batch visible to everybody at one moment. An engine shows the rows of a batch
// from the moment that they are durable; log size, index and observers (caches, CRLs) follow within
// a millisecond. Who reads such a row in between waits here until they have followed, so that no
// answer that tells of a row, nor what others do because of it, comes before another reader can see
// the same. The certificate index is not held back: what it finds is read from the log.
//
// Readers call await_* after they have read, with no lock in hand that an observer takes. Errors:
// kUnavailable, when the batch is not published within seconds. Thread-safe.
class Publication {
 public:
  // begin announces a batch before it is made durable: what it changes, in order, and the index of
  // its first log row. The keys must live until end().
  void begin(std::vector<RowChange> changes, std::uint64_t first_index);
  // end says that everybody can see the batch, or that nothing was written of it.
  void end();

  // await_row: `row` is what was found under a key.
  [[nodiscard]] Result<void> await_row(const record::StateKey& key,
                                       const std::optional<record::StateRow>& row) const;
  // await_page: `rows` is what list() found.
  [[nodiscard]] Result<void> await_page(record::StateKind kind, const record::Scope& scope,
                                        std::string_view after, std::size_t limit,
                                        std::span<const record::StateRow> rows) const;
  // await_log: log rows below `end` were read.
  [[nodiscard]] Result<void> await_log(std::uint64_t end) const;

 private:
  using Lock = std::shared_lock<std::shared_mutex>;

  [[nodiscard]] Result<void> wait(Lock& lock) const;

  // Read without the lock: who saw a row of the batch sees it set, or the batch is published.
  std::atomic<bool> under_way_{false};
  mutable std::shared_mutex mutex_;
  mutable std::condition_variable_any ended_;
  std::vector<RowChange> changes_;
  std::uint64_t first_index_ = 0;
  std::uint64_t batch_ = 0;
};

}  // namespace chancery::storage
