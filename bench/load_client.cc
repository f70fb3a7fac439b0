#include "load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace chancery::bench {
namespace {

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// One connection: writes a request, reads the answer, takes the next.
class Connection {
 public:
  Connection(SSL_CTX* context, std::uint16_t port)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd_);
    if (SSL_connect(ssl_.get()) != 1) die("TLS handshake");
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~Connection() {
    ssl_.reset();
    ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  // Requests are small: they fit the socket buffer.
  [[nodiscard]] bool send(const std::string& request) {
    return SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())) ==
           static_cast<int>(request.size());
  }

  enum class State { kWaiting, kComplete, kBroken };
  State receive() {
    std::array<char, 16384> buffer;
    while (true) {
      const int n = SSL_read(ssl_.get(), buffer.data(), buffer.size());
      if (n <= 0) {
        const int error = SSL_get_error(ssl_.get(), n);
        return error == SSL_ERROR_WANT_READ ? State::kWaiting : State::kBroken;
      }
      answer_.append(buffer.data(), static_cast<std::size_t>(n));
      if (complete()) return State::kComplete;
    }
  }
  [[nodiscard]] const std::string& answer() const { return answer_; }
  [[nodiscard]] bool ok() const { return answer_.starts_with("HTTP/1.1 200"); }
  void clear() { answer_.clear(); }

 private:
  [[nodiscard]] bool complete() const {
    const auto end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto at = answer_.find("Content-Length: ");
    if (at == std::string::npos || at > end) return true;
    const std::size_t length = std::strtoull(answer_.c_str() + at + 16, nullptr, 10);
    return answer_.size() >= end + 4 + length;
  }

  int fd_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  std::string answer_;
};

}  // namespace

struct LoadClient::State {
  std::unique_ptr<SSL_CTX, SslContextDeleter> context;
  std::vector<std::unique_ptr<Connection>> connections;
  int poll = -1;
};

LoadClient::LoadClient(std::uint16_t port, const std::string& ca_file, unsigned connections)
    : state_(std::make_unique<State>()) {
  state_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(state_->context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(state_->context.get(), ca_file.c_str()) != 1) die("CA file");
  state_->poll = ::epoll_create1(EPOLL_CLOEXEC);
  for (unsigned i = 0; i < connections; ++i) {
    state_->connections.push_back(std::make_unique<Connection>(state_->context.get(), port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = i;
    ::epoll_ctl(state_->poll, EPOLL_CTL_ADD, state_->connections.back()->fd(), &event);
  }
}

LoadClient::~LoadClient() { ::close(state_->poll); }

LoadResult LoadClient::run(std::uint64_t count,
                           const std::function<const std::string&(std::uint64_t)>& request) {
  LoadResult result;
  std::uint64_t sent = 0;
  const auto send_next = [&](Connection& connection) {
    if (sent < count && !connection.send(request(sent++))) die("send");
  };
  const auto start = std::chrono::steady_clock::now();
  for (auto& connection : state_->connections) send_next(*connection);
  std::array<epoll_event, 64> events;
  while (result.answered + result.failed < count) {
    const int n =
        ::epoll_wait(state_->poll, events.data(), static_cast<int>(events.size()), 30'000);
    if (n <= 0) die("no answer within 30 s");
    for (int i = 0; i < n; ++i) {
      Connection& connection = *state_->connections[events[static_cast<std::size_t>(i)].data.u32];
      const auto state = connection.receive();
      if (state == Connection::State::kWaiting) continue;
      if (state == Connection::State::kBroken) die("connection broken");
      connection.ok() ? ++result.answered : ++result.failed;
      if (!connection.ok() && result.first_failure.empty())
        result.first_failure = connection.answer().substr(0, 600);
      connection.clear();
      send_next(connection);
    }
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace chancery::bench
