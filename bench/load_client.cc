#include "load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string_view>

namespace chancery::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

SslContext make_context(const LoadTarget& target) {
  if (!target.tls) return nullptr;
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (target.ca_file.empty()) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(context.get(), target.ca_file.c_str()) != 1) die("CA file");
  return context;
}

// The value of a header in an answer's head, or "". Names are compared without case.
std::string_view header(std::string_view head, std::string_view name) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    std::string_view line = head.substr(at + 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!std::equal(name.begin(), name.end(), line.begin(), same)) continue;
    line = line.substr(name.size() + 1);
    line = line.substr(0, line.find("\r\n"));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return line;
  }
  return {};
}

// One connection: writes a request, reads the answer, takes the next.
class Connection {
 public:
  Connection(SSL_CTX* context, std::uint16_t port) : context_(context), port_(port) { open(); }
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void open() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (context_ != nullptr) {
      ssl_.reset(SSL_new(context_));
      SSL_set_fd(ssl_.get(), fd_);
      if (SSL_connect(ssl_.get()) != 1) die("TLS handshake");
    }
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  void close() {
    ssl_.reset();
    ::close(fd_);
  }

  [[nodiscard]] int fd() const { return fd_; }

  // Requests are small: they fit the socket buffer.
  [[nodiscard]] bool send(const std::string& request, Clock::time_point due) {
    due_ = due;
    answer_.clear();
    const auto size = static_cast<int>(request.size());
    if (ssl_) return SSL_write(ssl_.get(), request.data(), size) == size;
    return ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) == size;
  }

  enum class State { kWaiting, kComplete, kBroken };
  State receive() {
    std::array<char, 16384> buffer;
    while (true) {
      const int n = read(buffer.data(), buffer.size());
      if (n == 0) return State::kWaiting;
      if (n < 0) return State::kBroken;
      answer_.append(buffer.data(), static_cast<std::size_t>(n));
      if (complete()) return State::kComplete;
    }
  }
  [[nodiscard]] const std::string& answer() const { return answer_; }
  [[nodiscard]] bool ok() const {
    return answer_.size() > 9 && answer_.starts_with("HTTP/1.") && answer_[9] == '2';
  }
  [[nodiscard]] bool last() const {
    return answer_.starts_with("HTTP/1.0") || header(head(), "connection") == "close";
  }
  [[nodiscard]] Clock::time_point due() const { return due_; }

 private:
  // Bytes read; 0 when there are none yet, -1 when there will be none.
  int read(char* data, std::size_t size) {
    if (ssl_) {
      const int n = SSL_read(ssl_.get(), data, static_cast<int>(size));
      if (n > 0) return n;
      return SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_READ ? 0 : -1;
    }
    const auto n = ::recv(fd_, data, size, 0);
    if (n > 0) return static_cast<int>(n);
    return n < 0 && errno == EAGAIN ? 0 : -1;
  }
  [[nodiscard]] std::string_view head() const {
    return std::string_view(answer_).substr(0, answer_.find("\r\n\r\n") + 2);
  }
  [[nodiscard]] bool complete() const {
    const auto end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    if (header(head(), "transfer-encoding") == "chunked") return answer_.ends_with("0\r\n\r\n");
    const std::string length(header(head(), "content-length"));
    return answer_.size() >= end + 4 + std::strtoull(length.c_str(), nullptr, 10);
  }

  SSL_CTX* context_;
  std::uint16_t port_;
  int fd_ = -1;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  std::string answer_;
  Clock::time_point due_;
};

}  // namespace

struct LoadClient::State {
  SslContext context;
  std::vector<std::unique_ptr<Connection>> connections;
  int poll = -1;

  void watch(std::uint32_t index) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = index;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connections[index]->fd(), &event);
  }
  void reconnect(std::uint32_t index) const {
    connections[index]->close();
    connections[index]->open();
    watch(index);
  }
};

double LoadResult::quantile(double q) const {
  if (latencies_ms.empty()) return 0;
  const auto n = static_cast<double>(latencies_ms.size());
  const auto at = static_cast<std::size_t>(std::max(0.0, std::ceil(q * n) - 1));
  return static_cast<double>(latencies_ms[std::min(at, latencies_ms.size() - 1)]);
}

LoadClient::LoadClient(const LoadTarget& target, unsigned connections)
    : state_(std::make_unique<State>()) {
  state_->context = make_context(target);
  state_->poll = ::epoll_create1(EPOLL_CLOEXEC);
  for (unsigned i = 0; i < connections; ++i) {
    state_->connections.push_back(std::make_unique<Connection>(state_->context.get(), target.port));
    state_->watch(i);
  }
}

LoadClient::~LoadClient() { ::close(state_->poll); }

namespace {

// The times at which requests are due: all at once, or `rate` a second.
class Schedule {
 public:
  explicit Schedule(double rate) : rate_(rate), start_(Clock::now()) {}

  [[nodiscard]] bool open_loop() const { return rate_ > 0; }
  [[nodiscard]] Clock::time_point start() const { return start_; }
  [[nodiscard]] Clock::time_point due(std::uint64_t n) const {
    if (!open_loop()) return Clock::now();
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(n) / rate_));
  }

 private:
  double rate_;
  Clock::time_point start_;
};

timespec until(Clock::time_point when) {
  const auto left = std::max(Clock::duration(0), when - Clock::now());
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
  return {ns / 1'000'000'000, ns % 1'000'000'000};
}

}  // namespace

LoadResult LoadClient::run(std::uint64_t count,
                           const std::function<const std::string&(std::uint64_t)>& request,
                           double rate) {
  LoadResult result;
  result.latencies_ms.reserve(count);
  std::uint64_t sent = 0;
  std::deque<std::uint32_t> idle;
  for (std::uint32_t i = 0; i < state_->connections.size(); ++i) idle.push_back(i);
  const Schedule schedule(rate);
  const auto send_what_is_due = [&] {
    while (sent < count && !idle.empty()) {
      const auto due = schedule.due(sent);
      if (schedule.open_loop() && due > Clock::now()) return;
      if (!state_->connections[idle.front()]->send(request(sent++), due)) die("send");
      idle.pop_front();
    }
  };
  const auto take = [&](std::uint32_t index) {
    Connection& connection = *state_->connections[index];
    const auto state = connection.receive();
    if (state == Connection::State::kWaiting) return;
    connection.ok() ? ++result.answered : ++result.failed;
    if (!connection.ok() && result.first_failure.empty())
      result.first_failure = "answer: " + connection.answer().substr(0, 600);
    result.latencies_ms.push_back(
        std::chrono::duration<float, std::milli>(Clock::now() - connection.due()).count());
    if (state == Connection::State::kBroken || connection.last()) {
      state_->reconnect(index);
      ++result.reconnects;
    }
    idle.push_back(index);
  };
  std::array<epoll_event, 64> events;
  while (result.answered + result.failed < count) {
    send_what_is_due();
    const bool wait_for_due = schedule.open_loop() && sent < count && !idle.empty();
    const timespec timeout = wait_for_due ? until(schedule.due(sent)) : timespec{60, 0};
    const int n = ::epoll_pwait2(state_->poll, events.data(), static_cast<int>(events.size()),
                                 &timeout, nullptr);
    if (n == 0 && !wait_for_due) die("no answer within 60 s");
    for (int i = 0; i < n; ++i) take(events[static_cast<std::size_t>(i)].data.u32);
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - schedule.start()).count();
  std::ranges::sort(result.latencies_ms);
  return result;
}

LoadResult LoadClient::converse(const Next& next) {
  LoadResult result;
  const auto start = Clock::now();
  std::vector<bool> talks(state_->connections.size(), false);
  std::size_t talking = 0;
  const auto go_on = [&](std::uint32_t index, const std::string& answer) {
    const std::string request = next(index, answer);
    talks[index] = !request.empty();
    if (request.empty()) return;
    ++talking;
    if (!state_->connections[index]->send(request, Clock::now())) die("send");
  };
  for (std::uint32_t i = 0; i < state_->connections.size(); ++i) go_on(i, {});
  std::array<epoll_event, 64> events;
  while (talking > 0) {
    const int n =
        ::epoll_wait(state_->poll, events.data(), static_cast<int>(events.size()), 60'000);
    if (n == 0) die("no answer within 60 s");
    for (int i = 0; i < n; ++i) {
      const std::uint32_t index = events[static_cast<std::size_t>(i)].data.u32;
      Connection& connection = *state_->connections[index];
      const auto state = connection.receive();
      if (state == Connection::State::kWaiting) continue;
      if (!talks[index]) {  // closed by the server, which nobody asked
        state_->reconnect(index);
        continue;
      }
      --talking;
      ++result.answered;
      result.latencies_ms.push_back(
          std::chrono::duration<float, std::milli>(Clock::now() - connection.due()).count());
      const std::string answer = connection.answer();
      if (state == Connection::State::kBroken || connection.last()) {
        state_->reconnect(index);
        ++result.reconnects;
      }
      go_on(index, answer);
    }
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::ranges::sort(result.latencies_ms);
  return result;
}

LoadResult handshakes(const LoadTarget& target, std::uint64_t count) {
  LoadResult result;
  const SslContext context = make_context(target);
  // Every handshake is a full one: the context keeps no sessions.
  if (context) SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  const auto start = Clock::now();
  for (; result.answered < count; ++result.answered) {
    const auto began = Clock::now();
    const Connection connection(context.get(), target.port);
    result.latencies_ms.push_back(
        std::chrono::duration<float, std::milli>(Clock::now() - began).count());
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::ranges::sort(result.latencies_ms);
  return result;
}

}  // namespace chancery::bench
