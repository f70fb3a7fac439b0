#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "storage/commit_engine.h"
#include "storage/managed_store.h"
#include "storage/publication.h"

namespace chancery::storage {

struct CommitterOptions {
  std::size_t queue_limit = 8192;  // sets waiting; beyond it submit refuses
  std::size_t enough = 64;         // waiting sets that are worth a flush whatever reactors do
  std::size_t batch_limit = 256;   // sets in one transaction
  std::chrono::microseconds linger{4000};         // longest wait for more sets after the first
  std::chrono::milliseconds reserve_retry{1000};  // between attempts to make the reserve again
};

// GroupCommitter makes write sets durable with one thread, many sets in one flush. It commits when
// no reactor has work in hand, or when options.enough sets wait, or options.linger after the first
// one.
//
// Failure. A commit that finds no space and rolls back cleanly refuses its sets (kStorageFull) and
// service goes on; revocations are then written into the released reserve, and only they until it
// could be made again. Any other failure takes the store out of service for good: nobody knows what
// the device kept, so the batch completes with kUnknownOutcome and nothing is tried again.
class GroupCommitter final : public record::Committer {
 public:
  // `engine`, `publication` and `log` must outlive it.
  GroupCommitter(CommitEngine& engine, Publication& publication, Log& log,
                 CommitterOptions options = {});
  ~GroupCommitter() override;
  GroupCommitter(const GroupCommitter&) = delete;
  GroupCommitter& operator=(const GroupCommitter&) = delete;

  [[nodiscard]] Ticket submit(record::WriteSet set) override;
  void observe(record::CommitObserver& observer) override;
  void reactor_busy() override;
  void reactor_idle() override;

  // stop commits what is queued and joins the thread; later sets are refused. Idempotent.
  void stop();
  // fail takes the store out of service because of something that another thread met (a checkpoint
  // whose fsync failed). The first reason stays.
  void fail(std::string_view reason);

  // report fills in the committer's part.
  void report(StoreHealth& health) const;
  [[nodiscard]] CommitStatistics statistics() const;

 private:
  struct Pending;
  using Clock = std::chrono::steady_clock;

  void run();
  std::vector<Pending> next_batch();
  [[nodiscard]] bool ready(Clock::time_point now) const;
  void process(std::vector<Pending>& batch);
  Result<void> attempt(std::vector<Pending>& batch);
  Result<void> stage(Pending& pending, std::uint64_t& next, std::vector<RowChange>& changes);
  void publish(std::vector<Pending>& batch);
  void handle_full(std::vector<Pending>& batch);
  void restore_reserve();
  void complete_all(std::vector<Pending>& batch, const Error& error);
  [[nodiscard]] std::optional<Error> refuse_now(const record::WriteSet& set) const;

  CommitEngine& engine_;
  Publication& publication_;
  Log& log_;
  const CommitterOptions options_;
  std::vector<record::CommitObserver*> observers_;
  std::uint64_t next_index_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Pending> queue_;
  Clock::time_point first_at_{};
  bool stopping_ = false;
  std::string out_of_service_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> full_{false};
  std::atomic<bool> waiting_{false};
  std::atomic<int> busy_{0};

  bool reserve_released_ = false;  // committer thread only
  Clock::time_point reserve_tried_{};

  std::atomic<std::uint64_t> flushes_{0};
  std::atomic<std::uint64_t> sets_{0};
  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> refused_{0};

  std::mutex stop_mutex_;
  std::thread thread_;
};

}  // namespace chancery::storage
