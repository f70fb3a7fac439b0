#include "acme_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <tuple>
#include <utility>

namespace chancery::bench {
namespace {

constexpr std::size_t kDnsHeader = 12;
constexpr unsigned kTypeA = 1;

// open binds a socket to a port on loopback.
std::pair<int, std::uint16_t> open(int type, std::uint16_t port) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  // Connections of a run before may still be about to go.
  const int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, generic, size) != 0 || ::getsockname(fd, generic, &size) != 0) {
    std::perror("bind");
    std::exit(1);
  }
  return {fd, ntohs(address.sin_port)};
}

// The end of the question in a query with one, or 0.
std::size_t end_of_question(std::string_view query) {
  std::size_t at = kDnsHeader;
  while (at < query.size() && query[at] != 0) at += 1U + static_cast<unsigned char>(query[at]);
  return at + 5 <= query.size() ? at + 5 : 0;
}

std::string answer_to(std::string_view query) {
  const std::size_t end = end_of_question(query);
  if (end == 0) return {};
  const unsigned type = static_cast<unsigned char>(query[end - 3]);
  std::string reply(query.substr(0, end));
  const bool has_address = query[end - 4] == 0 && type == kTypeA;
  reply[2] = static_cast<char>(0x81);  // a response; recursion desired
  reply[3] = static_cast<char>(0x80);  // and available; no error
  const std::array<char, 8> counts{0, 1, 0, static_cast<char>(has_address ? 1 : 0), 0, 0, 0, 0};
  std::memcpy(reply.data() + 4, counts.data(), counts.size());
  if (!has_address) return reply;
  // A pointer to the name in the question, type A, class IN, a minute, four octets.
  constexpr std::string_view kRecord("\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x01", 16);
  return reply.append(kRecord);
}

}  // namespace

NameServer::NameServer(std::uint16_t port) {
  std::tie(fd_, port_) = open(SOCK_DGRAM, port);
  thread_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
  ::shutdown(fd_, SHUT_RDWR);
  thread_.join();
  ::close(fd_);
}

void NameServer::serve() const {
  std::array<char, 1500> query;
  for (;;) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* const generic = reinterpret_cast<sockaddr*>(&from);
    const auto n = ::recvfrom(fd_, query.data(), query.size(), 0, generic, &size);
    if (n <= 0) return;
    const std::string reply =
        answer_to(std::string_view(query.data(), static_cast<std::size_t>(n)));
    if (!reply.empty()) ::sendto(fd_, reply.data(), reply.size(), 0, generic, size);
  }
}

Responder::Responder(std::string thumbprint, std::uint16_t port)
    : thumbprint_(std::move(thumbprint)) {
  std::tie(fd_, port_) = open(SOCK_STREAM, port);
  if (::listen(fd_, 1024) != 0) std::exit(1);
  thread_ = std::thread([this] { serve(); });
}

Responder::~Responder() {
  ::shutdown(fd_, SHUT_RDWR);
  thread_.join();
  ::close(fd_);
}

void Responder::serve() {
  for (;;) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const timeval patience{5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    answer(fd);
    ::close(fd);
  }
}

void Responder::answer(int fd) {
  std::string request;
  std::array<char, 4096> buffer;
  while (!request.contains("\r\n\r\n")) {
    const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) return;
    request.append(buffer.data(), static_cast<std::size_t>(n));
  }
  constexpr std::string_view kPath = "GET /.well-known/acme-challenge/";
  if (!request.starts_with(kPath)) return;
  const std::string token =
      request.substr(kPath.size(), request.find(' ', kPath.size()) - kPath.size());
  const std::string body = token + "." + thumbprint_;
  const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                            "\r\nConnection: close\r\n\r\n" + body;
  ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
  ++answered_;
}

}  // namespace chancery::bench
