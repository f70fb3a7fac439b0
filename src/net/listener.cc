#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace chancery::net {

namespace {

// Connections taken per event, so that a flood of them does not keep the reactor from its requests.
constexpr int kAcceptsPerEvent = 32;
constexpr int kBacklog = 4096;

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) freeaddrinfo(first);
  }
};

Error unavailable(const std::string& address, std::uint16_t port, int error_number) {
  return Error{Code::kUnavailable, "cannot listen", {}, {}}
      .with("address", address)
      .with("port", std::to_string(port))
      .with("reason", std::strerror(error_number));
}

std::string numeric(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* raw = nullptr;
  if (address.ss_family == AF_INET) {
    raw = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  } else if (address.ss_family == AF_INET6) {
    raw = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  } else {
    return {};
  }
  inet_ntop(address.ss_family, raw, text.data(), text.size());
  return text.data();
}

sockaddr_storage bound_to(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  return address;
}

std::uint16_t port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// An option of the socket level that is a number; -1 when there is none.
int option(int fd, int name) {
  int value = -1;
  socklen_t length = sizeof(value);
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

// The client gave up before we came to it; not our failure.
bool is_peers_failure(int error_number) {
  switch (error_number) {
    case ECONNABORTED:
    case EINTR:
    case EPROTO:
    case ENETDOWN:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<std::shared_ptr<Listener>> Listener::open(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  AddressList list;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &list.first) != 0) {
    return std::unexpected(
        Error{Code::kInvalidArgument, "not a numeric IP address", {}, {}}.with("address", address));
  }
  const addrinfo& info = *list.first;
  UniqueFd fd(::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(unavailable(address, port, errno));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(fd.get(), info.ai_addr, info.ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return std::unexpected(unavailable(address, port, errno));
  }
  const std::uint16_t chosen = port_of(bound_to(fd.get()));
  return std::make_shared<Listener>(std::move(fd), address, chosen);
}

Result<std::shared_ptr<Listener>> Listener::adopt(UniqueFd fd) {
  const sockaddr_storage bound = bound_to(fd.get());
  const bool is_internet = bound.ss_family == AF_INET || bound.ss_family == AF_INET6;
  if (!is_internet || option(fd.get(), SO_TYPE) != SOCK_STREAM ||
      option(fd.get(), SO_ACCEPTCONN) != 1) {
    return std::unexpected(
        Error{Code::kInvalidArgument, "not a TCP socket that listens", {}, {}}.with(
            "descriptor", std::to_string(fd.get())));
  }
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  return std::make_shared<Listener>(std::move(fd), numeric(bound), port_of(bound));
}

void Listener::start(Reactor& reactor, AcceptHandler& handler) {
  handler_ = &handler;
  socket_ = std::make_unique<Socket>(reactor, std::move(fd_));
  socket_->wait_readable(shared_from_this());
}

void Listener::on_readable() {
  if (!socket_) return;
  if (accept_up_to(kAcceptsPerEvent) == Outcome::kFailed) {
    paused_ = true;
    return;
  }
  socket_->wait_readable(shared_from_this());
}

void Listener::retry() {
  if (!paused_ || !socket_) return;
  paused_ = false;
  socket_->wait_readable(shared_from_this());
}

void Listener::close() {
  if (socket_) {
    [[maybe_unused]] const Outcome last = accept_up_to(kBacklog);
    socket_->close();
    socket_.reset();
  }
  fd_.reset();
}

Listener::Outcome Listener::accept_up_to(int count) {
  for (int i = 0; i < count; ++i) {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    UniqueFd fd(::accept4(socket_->fd(), reinterpret_cast<sockaddr*>(&address), &length,
                          SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      handler_->accepted(std::move(fd), numeric(address));
      continue;
    }
    const int error_number = errno;
    if (error_number == EAGAIN || error_number == EWOULDBLOCK) return Outcome::kEmpty;
    if (is_peers_failure(error_number)) continue;
    handler_->accept_failed(error_number);
    return Outcome::kFailed;
  }
  return Outcome::kMore;
}

void set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace chancery::net
