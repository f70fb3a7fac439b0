#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "record/store.h"

namespace chancery::storage {

// CommitEngine is the part of a store that differs between engines: one transaction at a time, on
// the committer thread only (except admit). Between begin() and commit() or rollback() its own
// changes are visible to get(). Errors: kStorageFull when nothing was written and rollback() leaves
// the store as it was; kDataLoss from get() when a row fails its check (refuses one set);
// everything else takes the store out of service.
class CommitEngine {
 public:
  virtual ~CommitEngine() = default;

  // log_size is the number of log rows at start.
  [[nodiscard]] virtual std::uint64_t log_size() const = 0;
  // admit may push back before a set is queued: kTooManyRequests. Any thread; must be cheap.
  [[nodiscard]] virtual Result<void> admit(const record::WriteSet&) const { return {}; }

  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<std::optional<record::StateRow>> get(
      const record::StateKey& key) = 0;
  [[nodiscard]] virtual Result<void> put(const record::StateRow& row) = 0;
  [[nodiscard]] virtual Result<void> erase(const record::StateKey& key) = 0;
  [[nodiscard]] virtual Result<void> append(std::uint64_t index, const record::LogEntry& entry) = 0;
  // commit returns when everything since begin() is durable.
  [[nodiscard]] virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  // publish makes a durable batch visible: log rows below `log_size`; `rows` are those among them
  // that brought a certificate.
  virtual void publish(std::uint64_t log_size, std::vector<record::LogRow> rows) = 0;

  // The reserve is space kept back so that revocations can be recorded on a full disk.
  // release_reserve frees it and says whether there was one; restore_reserve makes it again and
  // says whether it is there.
  virtual bool release_reserve() { return false; }
  virtual bool restore_reserve() { return true; }
};

}  // namespace chancery::storage
