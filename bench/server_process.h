#pragma once

// A chancery process of our own, on loopback.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bed_tools.h"
#include "crypto/algorithm.h"

namespace chancery::bench {

// key_argument is the name of a kind of key on the command line.
[[nodiscard]] std::string key_argument(crypto::KeyType type);

// init_server makes a data directory with a hierarchy whose keys are of one type.
void init_server(const std::string& program, const std::string& directory, crypto::KeyType type);

// Server serves a data directory until it is destroyed. What fails ends the program.
class Server {
 public:
  // Over a directory of its own in /tmp.
  Server(const std::string& program, crypto::KeyType type);
  // Over one that init_server made.
  Server(const std::string& program, std::string directory);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int pid() const { return pid_; }
  [[nodiscard]] std::string ca_file() const { return directory_ + "/root-ca.pem"; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // metric reads a number from /metrics.
  [[nodiscard]] double metric(const std::string& name) const;
  // request is a whole POST for a LoadClient, with the root token.
  [[nodiscard]] std::string request(std::string_view path, const std::string& body) const;
  // call makes a request with the root token and returns the body.
  std::string call(const std::string& method, const std::string& path,
                   const std::string& body) const;

 private:
  void start(const std::string& program);

  const std::optional<TemporaryDirectory> temporary_;
  const std::string directory_;
  int pid_ = 0;
  std::uint16_t port_ = 0;
  std::string token_;
};

}  // namespace chancery::bench
