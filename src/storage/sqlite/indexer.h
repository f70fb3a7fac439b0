#pragma once

// Internal to this folder.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "storage/row_table.h"
#include "storage/sqlite/catalog.h"
#include "storage/sqlite/hot_file.h"

namespace chancery::storage::sqlite {

struct IndexOptions {
  std::uint64_t hot_rows = 262'144;      // rows at which a hot file is put away as segments
  std::size_t tail_limit = 65'536;       // rows in memory beyond which commits are pushed back
  std::size_t batch = 8'192;             // rows in one write to the hot file
  std::chrono::milliseconds delay{500};  // longest time that rows wait for a larger batch
};

// Indexer brings committed rows into the index on disk. Rows are first in the tail (memory), then
// in the hot file, then in segments by expiry month; a reader that looks in this order misses none.
// One thread writes the hot file, another seals hot files, merges segments and fills what is
// missing from the log.
//
// Everything on disk here is derived. What cannot be trusted at open is thrown away and made again
// in the background; until then IndexView::missing is not zero.
class Indexer {
 public:
  // open returns at once unless the index is up to `catch_up` rows behind, which it reads first.
  // `log` (the rows) must outlive it. Errors: kUnavailable, kStorageFull, kPermissionDenied.
  [[nodiscard]] static Result<std::unique_ptr<Indexer>> open(const std::string& directory,
                                                             const record::LogReader& rows,
                                                             IndexOptions options, Log& log);
  ~Indexer();
  Indexer(const Indexer&) = delete;
  Indexer& operator=(const Indexer&) = delete;

  // publish takes rows with a certificate that have just become durable. Called by the committer.
  void publish(std::uint64_t log_size, std::vector<record::LogRow> rows);
  // overloaded says that the tail is full.
  [[nodiscard]] bool overloaded() const { return tail_.size() >= options_.tail_limit; }

  [[nodiscard]] const RowTable& tail() const { return tail_; }
  [[nodiscard]] IndexCatalog& catalog() { return *catalog_; }
  [[nodiscard]] const IndexCatalog& catalog() const { return *catalog_; }

  // lag is the number of log rows that only the tail covers.
  [[nodiscard]] std::uint64_t lag() const {
    const std::uint64_t begin = tail_.begin();  // first: it never passes a later end
    return tail_.end() - begin;
  }
  // settled says that no hot file waits to be sealed, nothing is missing and no merge is due.
  [[nodiscard]] bool settled() const;
  // trouble is what keeps the index from being written, or "".
  [[nodiscard]] std::string trouble() const;

  // rebuild throws the files away and returns when they are made again. Errors: those of the
  // files; kUnavailable when the store stops meanwhile.
  [[nodiscard]] Result<void> rebuild();
  // freeze keeps rows from moving between tail and files while the result lives.
  [[nodiscard]] std::unique_lock<std::mutex> freeze() { return std::unique_lock(movement_); }
  // stop writes out what is in the tail and ends the threads. Idempotent.
  void stop();

 private:
  Indexer(const record::LogReader& rows, IndexOptions options, Log& log)
      : rows_(rows), options_(options), log_(log) {}

  // Starting (indexer_open.cc).
  Result<void> start(const std::string& directory);
  Result<Manifest> take_up(const std::string& directory, std::uint64_t log_size);
  Result<void> catch_up(std::uint64_t log_size);

  // The hot file's thread.
  void run_hot();
  bool wait_for_rows();
  Result<void> write_hot();
  Result<void> rotate();

  // The maintenance thread (maintenance.cc).
  void run_maintenance();
  Result<bool> maintain();
  Result<bool> seal();
  Result<bool> fill_missing();
  Result<bool> merge();

  void wake_maintenance();
  void report(std::string& trouble, const Result<void>& result);
  bool pause(std::chrono::milliseconds time);

  const record::LogReader& rows_;
  const IndexOptions options_;
  Log& log_;
  std::unique_ptr<IndexCatalog> catalog_;
  RowTable tail_{0};

  std::mutex movement_;  // held while rows change their place
  std::unique_ptr<HotFile> hot_;

  mutable std::mutex mutex_;
  std::condition_variable hot_wake_;
  std::condition_variable maintenance_wake_;
  std::condition_variable settled_;
  std::atomic<bool> asleep_{false};
  bool stopping_ = false;
  bool work_to_do_ = true;
  bool maintaining_ = false;
  std::string hot_trouble_;
  std::string maintenance_trouble_;
  std::mutex stop_mutex_;
  std::thread hot_thread_;
  std::thread maintenance_thread_;
};

}  // namespace chancery::storage::sqlite
