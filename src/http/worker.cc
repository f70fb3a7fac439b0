#include "http/worker.h"

#include "http/connection.h"

namespace chancery::http {

namespace {

// One TLS record and its overhead.
constexpr std::size_t kScratchBytes = 17 * 1024;

class FunctionTask final : public net::Runnable {
 public:
  explicit FunctionTask(std::function<void()> work) : work_(std::move(work)) {}
  void run() override { work_(); }

 private:
  std::function<void()> work_;
};

}  // namespace

void OpenConnections::add() {
  const std::scoped_lock lock(mutex_);
  ++count_;
}

void OpenConnections::remove() {
  const std::scoped_lock lock(mutex_);
  if (--count_ == 0) none_.notify_all();
}

bool OpenConnections::wait_for_none(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return none_.wait_for(lock, patience, [&] { return count_ == 0; });
}

Worker::Worker(std::size_t index, const Services& services)
    : index_(index),
      services_(services),
      request_ids_(services.random),
      routes_(services.metrics),
      scratch_(kScratchBytes) {}

void Worker::post(std::function<void()> work) {
  post(std::make_shared<FunctionTask>(std::move(work)));
}

void Worker::add(std::shared_ptr<Connection> connection) {
  connection->set_place(connections_.size());
  connections_.push_back(std::move(connection));
  services_.counters.connections.add(1);
}

void Worker::remove(Connection& connection) {
  const std::size_t place = connection.place();
  services_.counters.connections.add(-1);
  load_.fetch_sub(1, std::memory_order_relaxed);
  std::swap(connections_[place], connections_.back());
  connections_[place]->set_place(place);
  // The caller holds a reference of its own.
  connections_.pop_back();
}

void Worker::sweep() {
  const auto now = std::chrono::steady_clock::now();
  // From the end: giving a connection up may remove it, which moves the last one to its place.
  for (std::size_t i = connections_.size(); i > 0; --i) {
    if (now < connections_[i - 1]->deadline()) continue;
    const std::shared_ptr<Connection> connection = connections_[i - 1];
    connection->give_up();
  }
  publish_counts();
}

void Worker::drain() {
  draining_ = true;
  for (std::size_t i = connections_.size(); i > 0; --i) {
    const std::shared_ptr<Connection> connection = connections_[i - 1];
    connection->drain();
  }
}

void Worker::close_all() {
  draining_ = true;
  while (!connections_.empty()) {
    const std::shared_ptr<Connection> connection = connections_.back();
    connection->close();
  }
  publish_counts();
}

void Worker::publish_counts() {
  services_.counters.received_bytes.add(std::exchange(received_, 0));
  services_.counters.sent_bytes.add(std::exchange(sent_, 0));
}

}  // namespace chancery::http
