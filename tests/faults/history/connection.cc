#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace chancery::history {
namespace {

constexpr timeval kLongestAnswer{60, 0};

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// The value of a header of an answer's head, which the server writes in lower case or as here.
std::size_t content_length(std::string_view head) {
  for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const auto at = head.find(name);
    if (at == std::string_view::npos) continue;
    return std::strtoull(std::string(head.substr(at + name.size(), 20)).c_str(), nullptr, 10);
  }
  return 0;
}

}  // namespace

struct Connection::State {
  int fd = -1;
  std::unique_ptr<SSL_CTX, Free> context;
  std::unique_ptr<SSL, Free> ssl;

  ~State() {
    ssl.reset();
    if (fd >= 0) ::close(fd);
  }
};

Connection::Connection(const std::string& ca_file, std::uint16_t port)
    : state_(std::make_unique<State>()) {
  state_->fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(state_->fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw Broken("cannot connect");
  const int one = 1;
  ::setsockopt(state_->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ::setsockopt(state_->fd, SOL_SOCKET, SO_RCVTIMEO, &kLongestAnswer, sizeof kLongestAnswer);
  state_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(state_->context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(state_->context.get(), ca_file.c_str()) != 1)
    throw std::runtime_error("no certificate in " + ca_file);
  state_->ssl.reset(SSL_new(state_->context.get()));
  SSL_set_fd(state_->ssl.get(), state_->fd);
  if (SSL_connect(state_->ssl.get()) != 1) throw Broken("TLS handshake");
}

Connection::~Connection() = default;

void Connection::fill() {
  std::array<char, 16384> bytes;
  const int n = SSL_read(state_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (n <= 0) throw Broken("no answer");
  buffer_.append(bytes.data(), static_cast<std::size_t>(n));
}

Answer Connection::call(std::string_view method, std::string_view path, std::string_view headers,
                        std::string_view body) {
  std::string request(method);
  request.append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  if (SSL_write(state_->ssl.get(), request.data(), static_cast<int>(request.size())) <= 0)
    throw Broken("cannot send");
  buffer_.clear();
  std::size_t head = std::string::npos;
  while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) fill();
  const std::size_t end = head + 4 + content_length(std::string_view(buffer_).substr(0, head));
  while (buffer_.size() < end) fill();
  return {std::atoi(buffer_.c_str() + sizeof "HTTP/1.1"), buffer_.substr(head + 4)};
}

}  // namespace chancery::history
