#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "http/site.h"

namespace chancery::net {
class TlsServerContext;
}

namespace chancery::http {

class AccessLog;
class LaneTask;
class Tracer;

struct Limits {
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_headers = 64;
  std::size_t max_body_bytes = 1024 * 1024;
  // First byte to end of headers; also the TLS handshake, and the wait for a connection's first
  // byte.
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};  // keep-alive without a request
  std::chrono::milliseconds write_timeout{60'000};
  std::size_t max_connections = 20'000;  // per listener; beyond it new ones are closed at once
  std::size_t max_handshakes = 256;      // TLS handshakes under way at once, per listener
  std::size_t max_requests_per_connection = 100'000;
  // HTTP/2, for one connection: requests under way at once, and memory for the bodies of all of
  // them (but one body of max_body_bytes always fits).
  std::size_t max_streams = 100;
  std::size_t max_connection_body_bytes = 4 * 1024 * 1024;
};

struct LaneOptions {
  unsigned threads = 1;
  // Beyond it the newest work of the tenant who has most waiting is refused with kUnavailable.
  std::size_t max_queued = 256;
  // Waiting time in the queue; older work is refused with kUnavailable.
  std::chrono::milliseconds deadline{30'000};
};

struct ListenerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses; Server::port() tells
  std::shared_ptr<net::TlsServerContext> tls = nullptr;  // null: plain HTTP
  const Site* site = nullptr;
  Limits limits{};
  // A descriptor that listens already, which start takes over; -1: it opens one.
  int socket = -1;
};

// ReactorObserver hears when a reactor takes up work and when it runs out of it, so that the
// store's committer can commit as soon as nobody is about to add to the batch. Called on reactor
// threads, often: must be cheap and thread-safe.
class ReactorObserver {
 public:
  virtual ~ReactorObserver() = default;
  virtual void reactor_busy() = 0;
  virtual void reactor_idle() = 0;
};

struct ServerOptions {
  unsigned reactors = 0;  // 0: one a core
  LaneOptions cpu;
  LaneOptions outbound;
  LaneOptions search;
  // Memory for the request bodies of all connections together; besides, each may hold 16 KiB.
  // Beyond it larger ones are refused with kUnavailable.
  std::size_t max_body_memory = std::size_t{256} * 1024 * 1024;
  std::vector<ListenerOptions> listeners;
  AccessLog* access_log = nullptr;  // null: none; outlives the server
  Tracer* tracer = nullptr;         // likewise
};

// Server accepts connections, parses HTTP, runs handlers on reactors and lanes, and sends responses
// when their tickets are complete.
class Server {
 public:
  Server(ServerOptions options, ReactorObserver& observer, Random& random, Metrics& metrics,
         Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // start binds and listens; the server answers when it returns. Errors: kUnavailable (address in
  // use, ...).
  [[nodiscard]] Result<void> start();
  // port of the i-th listener, once started.
  [[nodiscard]] std::uint16_t port(std::size_t listener) const;
  // address of the i-th listener, numeric.
  [[nodiscard]] const std::string& address(std::size_t listener) const;
  // responsive says whether every reactor took up a piece of work within `patience`. Thread-safe.
  [[nodiscard]] bool responsive(std::chrono::milliseconds patience) const;
  // submit queues work of `tenant` that no request waits for on a lane: see LanePool::submit.
  // Between start and stop. Thread-safe.
  [[nodiscard]] Result<void> submit(Lane lane, std::string_view tenant,
                                    std::shared_ptr<LaneTask> task);
  // set_limits changes the limits of all listeners, for connections that exist as well. The
  // timeouts of ListenerOptions still say how often they are checked. Thread-safe.
  void set_limits(const Limits& limits);
  // set_access_log changes where finished requests are told; null: nowhere. When it returns, nobody
  // uses the one before. For threads that serve no connection, between start and stop.
  void set_access_log(AccessLog* log);
  // stop closes the listeners, lets every accepted request finish (at most `grace`), answers
  // "Connection: close", and joins all threads. No accepted request is lost unless `grace` runs
  // out. A handler on a lane that does not return is waited for beyond it.
  void stop(std::chrono::milliseconds grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chancery::http
