#include "http/lanes.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread_name.h"
#include "http/metrics_names.h"

namespace chancery::http {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::string lane_label(Lane lane) { return "lane=\"" + std::string(name(lane)) + '"'; }

}  // namespace

class LanePool::Queue {
 public:
  Queue(Lane lane, const LaneOptions& options, Metrics& metrics)
      : name_("lane-" + std::string(name(lane))),
        options_(options),
        queued_(
            metrics.gauge(metric::kLaneQueued, "Work that waits for a thread", lane_label(lane))),
        running_(metrics.gauge(metric::kLaneRunning, "Work that runs", lane_label(lane))),
        waited_(metrics.histogram(metric::kLaneWaited, "How long work waited for a thread",
                                  lane_label(lane))),
        tasks_(metrics.counter(metric::kLaneTasks, "Work begun", lane_label(lane))),
        full_(metrics.counter(metric::kLaneRefused, "Work refused",
                              lane_label(lane) + ",reason=\"full\"")),
        overdue_(metrics.counter(metric::kLaneRefused, "Work refused",
                                 lane_label(lane) + ",reason=\"deadline\"")) {}

  void start(const OnLane& on_lane) {
    for (unsigned i = 0; i < std::max(options_.threads, 1U); ++i) {
      threads_.emplace_back([this, on_lane] { work(on_lane); });
    }
  }

  bool submit(std::shared_ptr<LaneTask> task) {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return false;
    if (fresh_.size() >= options_.max_queued) {
      full_.add();
      return false;
    }
    fresh_.push_back({std::move(task), SteadyClock::now()});
    queued_.add(1);
    ready_.notify_one();
    return true;
  }

  bool resume(std::shared_ptr<LaneTask> task) {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return false;
    begun_.push_back(std::move(task));
    ready_.notify_one();
    return true;
  }

  void expire_overdue() {
    std::vector<std::shared_ptr<LaneTask>> overdue;
    {
      const std::scoped_lock lock(mutex_);
      // All wait equally long, so the oldest are in front.
      const auto now = fresh_.empty() ? SteadyClock::time_point::min() : SteadyClock::now();
      while (!fresh_.empty() && fresh_.front().since + options_.deadline <= now)
        overdue.push_back(take_fresh());
    }
    overdue_.add(overdue.size());
    for (const auto& task : overdue) task->expire();
  }

  void stop() {
    std::deque<Waiting> dropped;
    std::deque<std::shared_ptr<LaneTask>> dropped_begun;
    {
      const std::scoped_lock lock(mutex_);
      // A second stop may come when the metrics are gone.
      if (std::exchange(stopped_, true)) return;
      queued_.add(-static_cast<std::int64_t>(fresh_.size()));
      dropped.swap(fresh_);
      dropped_begun.swap(begun_);
      ready_.notify_all();
    }
    threads_.clear();  // joins
  }

 private:
  struct Waiting {
    std::shared_ptr<LaneTask> task;
    SteadyClock::time_point since;
  };

  void work(const OnLane& on_lane) {
    name_this_thread(name_.c_str());
    while (true) {
      expire_overdue();
      const std::shared_ptr<LaneTask> task = next();
      if (!task) return;
      running_.add(1);
      task->run_on_lane(on_lane);
      running_.add(-1);
    }
  }

  std::shared_ptr<LaneTask> next() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return stopped_ || !begun_.empty() || !fresh_.empty(); });
    if (stopped_) return nullptr;
    if (!begun_.empty()) {
      auto task = std::move(begun_.front());
      begun_.pop_front();
      return task;
    }
    tasks_.add();
    return take_fresh();
  }

  // With the mutex held.
  std::shared_ptr<LaneTask> take_fresh() {
    auto task = std::move(fresh_.front().task);
    waited_.observe(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                       SteadyClock::now() - fresh_.front().since)
                                       .count()));
    fresh_.pop_front();
    queued_.add(-1);
    return task;
  }

  const std::string name_;
  const LaneOptions options_;
  Gauge& queued_;
  Gauge& running_;
  Histogram& waited_;
  Counter& tasks_;
  Counter& full_;
  Counter& overdue_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Waiting> fresh_;                    // guarded by mutex_
  std::deque<std::shared_ptr<LaneTask>> begun_;  // guarded by mutex_
  bool stopped_ = false;                         // guarded by mutex_
  std::vector<std::jthread> threads_;
};

LanePool::LanePool(const ServerOptions& options, Metrics& metrics)
    : queues_{std::make_unique<Queue>(Lane::kCpu, options.cpu, metrics),
              std::make_unique<Queue>(Lane::kOutbound, options.outbound, metrics),
              std::make_unique<Queue>(Lane::kSearch, options.search, metrics)} {}

LanePool::~LanePool() { stop(); }

void LanePool::start() {
  for (const auto& queue : queues_) queue->start(OnLane{});
}

bool LanePool::submit(Lane lane, std::shared_ptr<LaneTask> task) {
  return queue(lane).submit(std::move(task));
}
bool LanePool::resume(Lane lane, std::shared_ptr<LaneTask> task) {
  return queue(lane).resume(std::move(task));
}

void LanePool::expire_overdue() {
  for (const auto& queue : queues_) queue->expire_overdue();
}

void LanePool::stop() {
  for (const auto& queue : queues_) queue->stop();
}

}  // namespace chancery::http
