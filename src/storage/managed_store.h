#pragma once

#include <cstdint>
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

// ManagedStore is a Store with what its operator needs. Thread-safe.
class ManagedStore : public record::Store {
 public:
  [[nodiscard]] virtual StoreHealth health() const = 0;
  [[nodiscard]] virtual CommitStatistics statistics() const = 0;
  // stop commits what is queued, refuses what comes later (kUnavailable) and joins the store's
  // threads that write. Reads go on. Idempotent; the destructor calls it.
  virtual void stop() = 0;
};

}  // namespace chancery::storage
