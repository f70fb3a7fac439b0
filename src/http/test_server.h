#pragma once

// A server on the loopback interface and a client that sends exactly the bytes it is told; for
// tests only.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/fakes.h"
#include "base/text.h"
#include "http/metrics_names.h"
#include "http/server.h"
#include "net/fd.h"

namespace chancery::http::testing {

// Generous: only reached when something is broken.
inline constexpr std::chrono::seconds kPatience{30};

// Waits until `condition` holds; false when it never did.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

struct Reply {
  unsigned status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const {
    for (std::string_view line : split(head, '\n')) {
      const auto colon = line.find(':');
      if (colon != line.npos && equal_ignoring_case(line.substr(0, colon), name)) {
        return std::string(trim(line.substr(colon + 1)));
      }
    }
    return "";
  }
};

// RawClient is one TCP connection.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }

  // Reads one response; status 0 when the connection ended before its end.
  Reply receive(bool has_body = true) {
    Reply reply;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return reply;
    }
    reply.head = buffer_.substr(0, end);
    buffer_.erase(0, end + 4);
    const std::string length = reply.header("Content-Length");
    const std::size_t size = has_body && !length.empty() ? std::stoul(length) : 0;
    while (buffer_.size() < size) {
      if (!read_more()) return reply;
    }
    reply.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    reply.status = static_cast<unsigned>(std::stoul(reply.head.substr(9, 3)));
    return reply;
  }

  Reply exchange(std::string_view request, bool has_body = true) {
    send(request);
    return receive(has_body);
  }
  Reply get(std::string_view path) {
    return exchange("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  // Reads so many bytes; false when the connection ended before.
  [[nodiscard]] bool receive_exactly(std::size_t size, std::string& out) {
    while (buffer_.size() < size) {
      if (!read_more()) return false;
    }
    out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return true;
  }

  // Whether the server has closed, with nothing left to read.
  [[nodiscard]] bool at_end() { return buffer_.empty() && !read_more(); }

 private:
  bool read_more() {
    pollfd ready{fd_.get(), POLLIN, 0};
    const auto patience = std::chrono::milliseconds(kPatience).count();
    if (::poll(&ready, 1, static_cast<int>(patience)) <= 0) return false;
    char chunk[4096];
    const ssize_t n = ::recv(fd_.get(), chunk, sizeof(chunk), 0);
    if (n > 0) buffer_.append(chunk, static_cast<std::size_t>(n));
    return n > 0;
  }

  net::UniqueFd fd_;
  bool connected_ = false;
  std::string buffer_;
};

// TestApp answers each path with a function; everything else with 404.
class TestApp final : public Application {
 public:
  std::map<std::string, Handler, std::less<>> routes;

  Response handle(const Request& request, Context& context) override {
    const auto found = routes.find(request.path);
    if (found == routes.end())
      return refuse(request, Error{Code::kNotFound, "no such route", {}, {}});
    return found->second(request, context);
  }
  std::string_view route_name(const Request& request) const override {
    const auto found = routes.find(request.path);
    return found == routes.end() ? "unknown" : std::string_view(found->first);
  }
  Response refuse(const Request&, const Error& error) const override {
    unsigned status = 500;
    if (error.code == Code::kMalformed) status = 400;
    if (error.code == Code::kNotFound) status = 404;
    if (error.code == Code::kConflict) status = 409;
    if (error.code == Code::kTooLarge) status = 413;
    if (error.code == Code::kTooManyRequests) status = 429;
    if (error.code == Code::kUnavailable) status = 503;
    Response response(status, "text/plain", "app: " + error.detail);
    if (!error.retry_after) return response;
    return std::move(response).with_header("Retry-After",
                                           std::to_string(error.retry_after->count()));
  }
};

// CountingObserver checks that each reactor says busy and idle in turn.
class CountingObserver final : public ReactorObserver {
 public:
  void reactor_busy() override { ++busy; }
  void reactor_idle() override { --busy; }
  std::atomic<int> busy{0};
};

class LockedRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    const std::scoped_lock lock(mutex_);
    random_.fill(out);
  }

 private:
  std::mutex mutex_;
  FakeRandom random_;
};

// TestServer runs `app` under "/app" on one plain listener.
struct TestServer {
  TestServer() {
    options.reactors = 2;
    app.routes["/app/hello"] = [](const Request&, Context&) {
      return Response(200, "text/plain", "hello");
    };
    app.routes["/app/echo"] = [](const Request& request, Context&) {
      return Response(200, "text/plain", request.method + " " + request.body);
    };
    site.mount("/app", app);
    options.listeners.push_back({.site = &site});
  }
  ~TestServer() {
    // Connections that a test leaves open must not hold it up.
    if (server) server->stop(std::chrono::milliseconds{0});
  }

  Limits& limits() { return options.listeners.front().limits; }
  std::uint16_t start() {
    server = std::make_unique<Server>(options, observer, random, metrics, log);
    const auto started = server->start();
    return started ? server->port(0) : 0;
  }
  std::uint64_t count(std::string_view name, std::string_view labels = {}) {
    return metrics.counter(name, "", labels).value();
  }
  std::int64_t level(std::string_view name, std::string_view labels = {}) {
    return metrics.gauge(name, "", labels).value();
  }

  ServerOptions options;
  TestApp app;
  Site site;
  CountingObserver observer;
  LockedRandom random;
  Metrics metrics;
  NullLog log;
  std::unique_ptr<Server> server;
};

}  // namespace chancery::http::testing
