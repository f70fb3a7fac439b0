#include "http/server.h"

#include <algorithm>
#include <future>
#include <thread>

#include "base/thread_name.h"
#include "http/connection.h"
#include "net/listener.h"

namespace chancery::http {

namespace {

constexpr std::chrono::milliseconds kSlowestSweep{1000};
constexpr std::chrono::milliseconds kFastestSweep{10};

// Deadlines are checked by sweeping; often enough for the shortest to be kept within a quarter of
// its length.
std::chrono::milliseconds sweep_period(const ServerOptions& options) {
  auto shortest = kSlowestSweep * 4;
  for (const ListenerOptions& listener : options.listeners) {
    const Limits& limits = listener.limits;
    shortest = std::min({shortest, limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                         limits.write_timeout});
  }
  shortest = std::min(
      {shortest, options.cpu.deadline, options.outbound.deadline, options.search.deadline});
  return std::clamp(shortest / 4, kFastestSweep, kSlowestSweep);
}

class ObserverAdapter final : public net::LoopObserver {
 public:
  explicit ObserverAdapter(ReactorObserver& observer) : observer_(observer) {}
  void busy() override { observer_.reactor_busy(); }
  void idle() override { observer_.reactor_idle(); }

 private:
  ReactorObserver& observer_;
};

// Acceptor hands the connections of one listener to the reactor with the fewest.
class Acceptor final : public net::AcceptHandler {
 public:
  Acceptor(std::shared_ptr<net::Listener> socket, std::shared_ptr<ListenerState> state,
           const std::vector<std::shared_ptr<Worker>>& workers, const Services& services)
      : socket_(std::move(socket)),
        state_(std::move(state)),
        workers_(workers),
        services_(services) {}

  [[nodiscard]] net::Listener& socket() { return *socket_; }
  void set_limits(const Limits& limits) { state_->set_limits(limits); }

  void accepted(net::UniqueFd fd, std::string peer_address) override {
    if (state_->connections.load(std::memory_order_relaxed) >= state_->limits().max_connections) {
      return services_.counters.refused_limit.add();
    }
    if (state_->tls &&
        state_->handshakes.load(std::memory_order_relaxed) >= state_->limits().max_handshakes) {
      return services_.counters.refused_handshakes.add();
    }
    try {
      hand_over(std::move(fd), std::move(peer_address));
    } catch (const std::bad_alloc&) {
      services_.counters.accept_errors.add();
    }
  }

  void accept_failed(int error_number) override {
    services_.counters.accept_errors.add();
    services_.log.warning("cannot accept connections for now", {{"errno", error_number}});
  }

 private:
  void hand_over(net::UniqueFd fd, std::string peer_address) {
    const std::shared_ptr<Worker>& worker = *std::ranges::min_element(
        workers_, {}, [](const auto& one) { return one->load().load(std::memory_order_relaxed); });
    auto connection =
        std::make_shared<Connection>(worker, state_, std::move(fd), std::move(peer_address));
    // From here on the connection gives back what is counted, however it ends.
    if (state_->tls) state_->handshakes.fetch_add(1, std::memory_order_relaxed);
    state_->connections.fetch_add(1, std::memory_order_relaxed);
    worker->load().fetch_add(1, std::memory_order_relaxed);
    state_->open.add();
    worker->post(std::move(connection));
  }

  const std::shared_ptr<net::Listener> socket_;
  const std::shared_ptr<ListenerState> state_;
  const std::vector<std::shared_ptr<Worker>>& workers_;
  const Services& services_;
};

}  // namespace

struct Server::State {
  State(ServerOptions server_options, ReactorObserver& reactor_observer, Random& random,
        Metrics& metrics, Log& log)
      : options(std::move(server_options)),
        observer(reactor_observer),
        counters(metrics),
        services{random,
                 metrics,
                 log,
                 counters,
                 options.access_log,
                 options.tracer,
                 std::make_shared<LanePool>(options, metrics),
                 std::make_shared<BodyBudget>(options.max_body_memory)} {}

  const ServerOptions options;
  ObserverAdapter observer;
  ServerMetrics counters;
  const Services services;
  OpenConnections open;
  std::vector<std::shared_ptr<Worker>> workers;
  std::vector<std::unique_ptr<Acceptor>> acceptors;  // all work on the first worker's thread
  std::vector<std::jthread> threads;
  bool running = false;

  Result<void> listen();
  void start_threads();
  void on_every_worker(const std::function<void(Worker&)>& work);
  void on_first_worker(const std::function<void()>& work);
};

Result<void> Server::State::listen() {
  for (const ListenerOptions& listener : options.listeners) {
    CHANCERY_CHECK(listener.site != nullptr);
    auto socket = TRY(listener.socket >= 0 ? net::Listener::adopt(net::UniqueFd(listener.socket))
                                           : net::Listener::open(listener.address, listener.port));
    acceptors.push_back(std::make_unique<Acceptor>(
        std::move(socket), std::make_shared<ListenerState>(listener, open), workers, services));
  }
  return {};
}

void Server::State::start_threads() {
  const auto period = sweep_period(options);
  for (const auto& worker : workers) {
    worker->reactor().every(period, [this, worker = worker.get()] {
      worker->sweep();
      if (worker->index() != 0) return;
      services.lanes->expire_overdue();
      for (const auto& acceptor : acceptors) acceptor->socket().retry();
    });
    threads.emplace_back([this, worker] {
      name_this_thread(("reactor-" + std::to_string(worker->index())).c_str());
      worker->reactor().run(observer);
    });
  }
}

// Runs on all of them and waits for it.
void Server::State::on_every_worker(const std::function<void(Worker&)>& work) {
  std::vector<std::promise<void>> done(workers.size());
  for (std::size_t i = 0; i < workers.size(); ++i) {
    workers[i]->post([&, i] {
      work(*workers[i]);
      done[i].set_value();
    });
  }
  for (auto& one : done) one.get_future().wait();
}

void Server::State::on_first_worker(const std::function<void()>& work) {
  std::promise<void> done;
  workers.front()->post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

Server::Server(ServerOptions options, ReactorObserver& observer, Random& random, Metrics& metrics,
               Log& log)
    : state_(std::make_unique<State>(std::move(options), observer, random, metrics, log)) {
  const unsigned count = state_->options.reactors != 0
                             ? state_->options.reactors
                             : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i)
    state_->workers.push_back(std::make_shared<Worker>(i, state_->services));
}

Server::~Server() { stop(std::chrono::milliseconds{0}); }

Result<void> Server::start() {
  State& s = *state_;
  CHANCERY_CHECK(!s.running && s.acceptors.empty());
  if (auto listening = s.listen(); !listening) {
    s.acceptors.clear();
    return listening;
  }
  s.services.lanes->start();
  s.start_threads();
  s.running = true;
  s.on_first_worker([&] {
    for (const auto& acceptor : s.acceptors)
      acceptor->socket().start(s.workers.front()->reactor(), *acceptor);
  });
  return {};
}

std::uint16_t Server::port(std::size_t listener) const {
  return state_->acceptors.at(listener)->socket().port();
}

const std::string& Server::address(std::size_t listener) const {
  return state_->acceptors.at(listener)->socket().address();
}

Result<void> Server::submit(Lane lane, std::string_view tenant, std::shared_ptr<LaneTask> task) {
  return state_->services.lanes->submit(lane, tenant, std::move(task));
}

bool Server::responsive(std::chrono::milliseconds patience) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // Shared, as an answer may come after the patience has run out.
  std::vector<std::shared_ptr<std::promise<void>>> answers;
  for (const auto& worker : state_->workers) {
    const auto answer = answers.emplace_back(std::make_shared<std::promise<void>>());
    worker->post([answer] { answer->set_value(); });
  }
  return std::ranges::all_of(answers, [&](const auto& answer) {
    return answer->get_future().wait_until(deadline) == std::future_status::ready;
  });
}

void Server::set_limits(const Limits& limits) {
  for (const auto& acceptor : state_->acceptors) acceptor->set_limits(limits);
}

void Server::set_access_log(AccessLog* log) {
  state_->on_every_worker([log](Worker& worker) { worker.set_access_log(log); });
}

void Server::stop(std::chrono::milliseconds grace) {
  State& s = *state_;
  if (!std::exchange(s.running, false)) return;
  // In this order every response from now on says "Connection: close", also on the connections that
  // the listeners accept to the last.
  s.on_every_worker([](Worker& worker) { worker.drain(); });
  s.on_first_worker([&] {
    for (const auto& acceptor : s.acceptors) acceptor->socket().close();
  });
  if (!s.open.wait_for_none(grace)) {
    s.services.log.warning(
        "connections are cut off: their requests took longer than the grace period");
  }
  s.on_every_worker([](Worker& worker) { worker.close_all(); });
  s.services.lanes->stop();
  for (const auto& worker : s.workers) worker->reactor().stop();
  s.threads.clear();  // joins
}

}  // namespace chancery::http
