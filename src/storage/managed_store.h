#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "record/store.h"

namespace chancery::storage {

// StoreHealth is what an operator has to know. A store that is out of service reads, but writes
// nothing until the program is started again.
struct StoreHealth {
  bool out_of_service = false;
  std::string reason;         // why it is out of service; empty otherwise
  bool storage_full = false;  // the last commit found no space; goes away by itself
  std::uint64_t log_rows = 0;
  std::uint64_t index_lag =
      0;  // committed rows that are still in memory only, as far as search goes
  std::uint64_t index_missing = 0;  // log rows that the index does not cover until its rebuild ends
  std::vector<std::string> notes;   // what else is wrong, for people
};

// CommitStatistics count since start.
struct CommitStatistics {
  std::uint64_t flushes = 0;  // transactions that became durable
  std::uint64_t sets = 0;     // write sets in them
  std::uint64_t entries = 0;  // log rows in them
  std::uint64_t refused = 0;  // sets refused by a precondition
};

// Snapshot is the state at one commit, for backups: later commits do not change it, and it holds
// none of them up. The log is append-only, so its rows below log_size() are part of it. Not
// thread-safe; must not outlive the store.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  [[nodiscard]] virtual std::uint64_t log_size() const = 0;
  // next returns further state rows by (tenant, mount, kind, id), at most `limit`; none at the end.
  [[nodiscard]] virtual Result<std::vector<record::StateRow>> next(std::size_t limit) = 0;
};

// Loader fills a new store with rows as another one had them, for restores. Nothing is there before
// finish() has returned. Not thread-safe.
class Loader {
 public:
  virtual ~Loader() = default;
  // append takes the rows of the log in order, from 0. Errors: kInvalidArgument (not the next row).
  [[nodiscard]] virtual Result<void> append(const record::LogRow& row) = 0;
  // put writes a state row as it is, version and counter included.
  [[nodiscard]] virtual Result<void> put(const record::StateRow& row) = 0;
  // finish makes everything durable.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

// ManagedStore is a Store with what its operator needs. Thread-safe.
class ManagedStore : public record::Store {
 public:
  [[nodiscard]] virtual StoreHealth health() const = 0;
  [[nodiscard]] virtual CommitStatistics statistics() const = 0;
  // snapshot takes as long as reading the state rows does: not on a reactor. Errors: kStorageFull,
  // kUnavailable, kDataLoss.
  [[nodiscard]] virtual Result<std::unique_ptr<Snapshot>> snapshot() = 0;
  // stop commits what is queued, refuses what comes later (kUnavailable) and joins the store's
  // threads that write. Reads go on. Idempotent; the destructor calls it.
  virtual void stop() = 0;
};

}  // namespace chancery::storage
