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
#include "base/time.h"
#include "http/fair_queue.h"
#include "http/metrics_names.h"

namespace chancery::http {

namespace {

using SteadyClock = std::chrono::steady_clock;

using std::chrono::microseconds;

// How much of the last run goes into what a run is expected to take: one part of so many.
constexpr int kRemembered = 8;
constexpr seconds kLongestRetry{60};

std::string lane_label(Lane lane) { return "lane=\"" + std::string(name(lane)) + '"'; }

microseconds since(SteadyClock::time_point begin) {
  return std::chrono::duration_cast<microseconds>(SteadyClock::now() - begin);
}

}  // namespace

class LanePool::Queue {
 public:
  Queue(Lane lane, const LaneOptions& options, Metrics& metrics)
      : lane_(lane),
        name_("lane-" + std::string(name(lane))),
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
    for (unsigned i = 0; i < threads(); ++i) {
      threads_.emplace_back([this, on_lane] { work(on_lane); });
    }
  }

  Result<void> submit(std::string_view tenant, std::shared_ptr<LaneTask> task) {
    std::optional<Waiting> gave_way;
    Error overload;
    {
      const std::scoped_lock lock(mutex_);
      if (stopped_) return fail(Code::kUnavailable, "the server is stopping");
      overload = refusal("too much work of this kind is waiting", expected_wait(tenant));
      if (fresh_.waiting(tenant) > 0 && expected_wait(tenant) > options_.deadline) {
        overdue_.add();
        return std::unexpected(std::move(overload));
      }
      if (fresh_.size() >= options_.max_queued) {
        full_.add();
        gave_way = fresh_.make_room(tenant);
        if (!gave_way) return std::unexpected(std::move(overload));
        queued_.add(-1);
      }
      fresh_.push(tenant, {std::move(task), SteadyClock::now()});
      queued_.add(1);
      ready_.notify_one();
    }
    if (gave_way) gave_way->task->turned_away(overload);
    return {};
  }

  bool resume(std::shared_ptr<LaneTask> task) {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return false;
    begun_.push_back(std::move(task));
    ready_.notify_one();
    return true;
  }

  void expire_overdue() {
    std::vector<Waiting> overdue;
    {
      const std::scoped_lock lock(mutex_);
      const auto now = fresh_.empty() ? SteadyClock::time_point::min() : SteadyClock::now();
      while (!fresh_.empty() && fresh_.oldest().since + options_.deadline <= now) {
        overdue.push_back(fresh_.pop_oldest());
        left(overdue.back());
      }
    }
    overdue_.add(overdue.size());
    for (const Waiting& one : overdue)
      one.task->turned_away(refusal("the work waited too long for its turn", seconds{1}));
  }

  void stop() {
    FairQueue<Waiting> dropped;
    std::deque<std::shared_ptr<LaneTask>> dropped_begun;
    {
      const std::scoped_lock lock(mutex_);
      // A second stop may come when the metrics are gone.
      if (std::exchange(stopped_, true)) return;
      queued_.add(-static_cast<std::int64_t>(fresh_.size()));
      std::swap(dropped, fresh_);
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

  // Whoever is turned away comes back when what is there now is done.
  Error refusal(std::string_view why, microseconds wait) const {
    const seconds after = std::chrono::ceil<seconds>(wait);
    return Error{
        Code::kUnavailable, std::string(why), {}, std::clamp(after, seconds{1}, kLongestRetry)}
        .with("lane", name(lane_));
  }

  // How long new work of a tenant will wait, as it goes now: so many rounds of all who have work
  // waiting. With the mutex held.
  microseconds expected_wait(std::string_view tenant) const {
    const std::size_t mine = fresh_.waiting(tenant);
    const std::size_t turns =
        std::min((mine + 1) * (fresh_.tenants() + (mine == 0 ? 1 : 0)), fresh_.size() + 1);
    return run_takes_ * static_cast<std::int64_t>(turns) / threads();
  }

  [[nodiscard]] unsigned threads() const { return std::max(options_.threads, 1U); }

  void work(const OnLane& on_lane) {
    name_this_thread(name_.c_str());
    while (true) {
      expire_overdue();
      const Next next = this->next();
      if (!next.task) return;
      running_.add(1);
      const auto begin = SteadyClock::now();
      next.task->run_on_lane(on_lane);
      if (next.is_fresh) learn(since(begin));
      running_.add(-1);
    }
  }

  void learn(microseconds took) {
    const std::scoped_lock lock(mutex_);
    run_takes_ += (took - run_takes_) / kRemembered;
  }

  struct Next {
    std::shared_ptr<LaneTask> task;  // null: the lane is stopped
    bool is_fresh = false;
  };

  Next next() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return stopped_ || !begun_.empty() || !fresh_.empty(); });
    if (stopped_) return {};
    if (!begun_.empty()) {
      Next next{std::move(begun_.front())};
      begun_.pop_front();
      return next;
    }
    tasks_.add();
    Waiting waiting = fresh_.pop();
    left(waiting);
    return {std::move(waiting.task), true};
  }

  void left(const Waiting& waiting) {
    waited_.observe(static_cast<std::uint64_t>(since(waiting.since).count()));
    queued_.add(-1);
  }

  const Lane lane_;
  const std::string name_;
  const LaneOptions options_;
  Gauge& queued_;
  Gauge& running_;
  Histogram& waited_;
  Counter& tasks_;
  Counter& full_;
  Counter& overdue_;
  std::mutex mutex_;  // guards the rest but the threads
  std::condition_variable ready_;
  FairQueue<Waiting> fresh_;
  std::deque<std::shared_ptr<LaneTask>> begun_;
  microseconds run_takes_{0};  // a run of fresh work, of late
  bool stopped_ = false;
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

Result<void> LanePool::submit(Lane lane, std::string_view tenant, std::shared_ptr<LaneTask> task) {
  return queue(lane).submit(tenant, std::move(task));
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
