#pragma once

#include <string.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "http/body_budget.h"
#include "http/lanes.h"
#include "http/request_ids.h"
#include "http/response_writer.h"
#include "http/server_metrics.h"
#include "net/reactor.h"

namespace chancery::http {

class AccessLog;
class Tracer;
class Connection;

// Services are what all reactors of one server share.
struct Services {
  Random& random;
  Metrics& metrics;
  Log& log;
  ServerMetrics& counters;
  AccessLog* access_log;  // null: none
  Tracer* tracer;         // null: none
  // Shared: a ticket may complete after the server is gone.
  std::shared_ptr<LanePool> lanes;
  std::shared_ptr<BodyBudget> bodies;
};

// OpenConnections counts the connections of a server, so that stop can wait for the last one.
// Thread-safe.
class OpenConnections {
 public:
  void add();
  void remove();
  // wait_for_none is false when `patience` ran out first.
  [[nodiscard]] bool wait_for_none(std::chrono::milliseconds patience);

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;
};

// Worker is one reactor with what its connections share: buffers, counters, the list of them. All
// but post, load and the constructor is for the reactor's thread.
class Worker {
 public:
  Worker(std::size_t index, const Services& services);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // A task that outlives the server may still post; it has no effect then.
  void post(std::shared_ptr<net::Runnable> work) { reactor_.post(std::move(work)); }
  void post(std::function<void()> work);
  // load is the number of connections that this reactor has or was given.
  std::atomic<std::size_t>& load() { return load_; }

  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] net::Reactor& reactor() { return reactor_; }
  [[nodiscard]] const Services& services() const { return services_; }
  void set_access_log(AccessLog* log) { services_.access_log = log; }
  [[nodiscard]] RequestIds& request_ids() { return request_ids_; }
  [[nodiscard]] RouteMetrics& routes() { return routes_; }
  [[nodiscard]] std::string_view date() { return date_.at(std::time(nullptr)); }
  // Where the socket being served is read to; its content lasts until the next read of any
  // connection.
  [[nodiscard]] std::span<char> scratch() { return scratch_; }
  // wipe_scratch zeroes its first bytes, of which some may have been a secret in a body.
  void wipe_scratch(std::size_t size) { ::explicit_bzero(scratch_.data(), size); }
  // The buffer that responses are put together in, while nobody holds it.
  [[nodiscard]] std::string& output() { return output_; }

  void count_received(std::size_t bytes) { received_ += bytes; }
  void count_sent(std::size_t bytes) { sent_ += bytes; }

  void add(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);
  // sweep closes what has passed its deadline and publishes the byte counts.
  void sweep();
  [[nodiscard]] bool draining() const { return draining_; }
  void drain();
  void close_all();

 private:
  void publish_counts();

  const std::size_t index_;
  Services services_;
  net::Reactor reactor_;
  std::atomic<std::size_t> load_{0};
  RequestIds request_ids_;
  RouteMetrics routes_;
  HttpDate date_;
  std::vector<char> scratch_;
  std::string output_;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  std::vector<std::shared_ptr<Connection>> connections_;
  bool draining_ = false;
};

}  // namespace chancery::http
