#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace chancery::history {

// Broken is thrown when a server goes away.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Answer {
  int status = 0;
  std::string body;
};

// Connection is a keep-alive HTTPS connection to a server on loopback. Not thread-safe.
class Connection {
 public:
  // Throws Broken.
  Connection(const std::string& ca_file, std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // call sends a request and waits for its answer; `headers` are whole lines. Throws Broken.
  Answer call(std::string_view method, std::string_view path, std::string_view headers = {},
              std::string_view body = {});

 private:
  struct State;
  void fill();

  std::unique_ptr<State> state_;
  std::string buffer_;
};

}  // namespace chancery::history
