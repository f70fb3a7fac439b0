#pragma once

// What an ACME server under load looks at: a name server that knows every name at 127.0.0.1, and a
// web server that answers HTTP-01 for one account key. Both on loopback, on ports of their own, in
// threads of this process.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace chancery::bench {

// NameServer answers questions for A with 127.0.0.1 and others with an empty answer.
class NameServer {
 public:
  explicit NameServer(std::uint16_t port = 0);  // 0: any that is free
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void serve() const;

  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// Responder gives each "/.well-known/acme-challenge/<token>" its key authorisation.
class Responder {
 public:
  explicit Responder(std::string thumbprint, std::uint16_t port = 0);
  ~Responder();
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }

 private:
  void serve();
  void answer(int fd);

  const std::string thumbprint_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> answered_ = 0;
  std::thread thread_;
};

}  // namespace chancery::bench
