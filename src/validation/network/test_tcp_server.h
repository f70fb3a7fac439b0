#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "net/fd.h"

namespace chancery::validation::network::testing {

// TcpServer hands each connection on a loopback port to a test's function, one after the other.
class TcpServer {
 public:
  using Serve = std::function<void(int fd)>;

  explicit TcpServer(Serve serve, std::uint16_t port = 0, int family = AF_INET)
      : serve_(std::move(serve)) {
    listener_ = net::UniqueFd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int one = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    CHANCERY_CHECK(family == AF_INET ? bind_v4(port) : bind_v6(port));
    CHANCERY_CHECK(::listen(listener_.get(), 16) == 0);
    stop_ = net::UniqueFd(::eventfd(0, EFD_CLOEXEC));
    thread_ = std::thread([this] { run(); });
  }
  ~TcpServer() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
  }
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  bool bind_v4(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof to;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&to), size) != 0) return false;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&to), &size);
    port_ = ntohs(to.sin_port);
    return true;
  }
  bool bind_v6(std::uint16_t port) {
    const int one = 1;
    ::setsockopt(listener_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port);
    to.sin6_addr = in6addr_loopback;
    port_ = port;
    return ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }

  void run() {
    std::array<pollfd, 2> ready{pollfd{stop_.get(), POLLIN, 0}, pollfd{listener_.get(), POLLIN, 0}};
    while (true) {
      if (::poll(ready.data(), ready.size(), -1) < 0) continue;
      if (ready[0].revents != 0) return;
      const net::UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
      if (!peer) continue;
      ++connections_;
      serve_(peer.get());
    }
  }

  Serve serve_;
  net::UniqueFd listener_;
  net::UniqueFd stop_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// say sends a text; false when the peer is gone.
inline bool say(int fd, std::string_view text) {
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

// request_on reads up to the blank line.
inline std::string request_on(int fd) {
  std::string text;
  char one = 0;
  while (!text.ends_with("\r\n\r\n") && ::recv(fd, &one, 1, 0) == 1) text += one;
  return text;
}

// answer serves the same text to every request; `seen`, where given, is the last request.
inline TcpServer::Serve answer(std::string text, std::string* seen = nullptr) {
  return [text = std::move(text), seen](int fd) {
    const std::string request = request_on(fd);
    if (seen != nullptr) *seen = request;
    say(fd, text);
  };
}

inline std::string page(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}
inline std::string redirect(std::string_view location, int status = 302) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + std::string(location) +
         "\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace chancery::validation::network::testing
