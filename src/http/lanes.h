#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string_view>

#include "base/metrics.h"
#include "base/ticket.h"
#include "http/response.h"
#include "http/server.h"

namespace chancery::http {

// LaneTask is work for a lane. Exactly one of the two is called, unless the lanes are stopped
// first.
class LaneTask {
 public:
  virtual ~LaneTask() = default;
  // On one of the lane's threads. Must not throw.
  virtual void run_on_lane(const OnLane& on_lane) = 0;
  // It will not be run: it waited too long, or gave way to the work of somebody who has less
  // waiting. `error` is kUnavailable with retry_after. On any thread; must not block.
  virtual void turned_away(const Error& error) = 0;
};

// LanePool runs what may block: each lane has its own threads, queue and deadline, so a lane that
// hangs stops nothing else. Tenants take turns within a lane (FairQueue), and when it is full, who
// has most waiting gives way. Thread-safe.
class LanePool {
 public:
  LanePool(const ServerOptions& options, Metrics& metrics);
  ~LanePool();
  LanePool(const LanePool&) = delete;
  LanePool& operator=(const LanePool&) = delete;

  void start();
  // submit queues new work of a tenant. Errors: kUnavailable with retry_after when the lane is full
  // and nobody has more waiting, or when work of this tenant is waiting already and, as it goes
  // now, the deadline would pass before this has its turn; kUnavailable when the lanes are stopped.
  // The task is then not called.
  [[nodiscard]] Result<void> submit(Lane lane, std::string_view tenant,
                                    std::shared_ptr<LaneTask> task);
  // resume queues the rest of work that the lane has begun before: ahead of new work, without a
  // bound (there is at most one a connection) and without a deadline. False when the lanes are
  // stopped.
  [[nodiscard]] bool resume(Lane lane, std::shared_ptr<LaneTask> task);
  // expire_overdue turns away what has waited too long even though no thread became free to take
  // it.
  void expire_overdue();
  // stop drops what is queued and waits for what runs.
  void stop();

 private:
  class Queue;
  Queue& queue(Lane lane) { return *queues_[static_cast<std::size_t>(lane)]; }

  std::array<std::unique_ptr<Queue>, 3> queues_;
};

}  // namespace chancery::http
