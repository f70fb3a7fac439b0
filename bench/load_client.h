#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace chancery::bench {

struct LoadResult {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;   // any status but 200, or a broken connection
  std::string first_failure;  // its first bytes
  double seconds = 0;
};

// LoadClient holds keep-alive TLS connections to a server on 127.0.0.1 and drives them from one
// thread, one request under way on each (closed loop). Not thread-safe.
class LoadClient {
 public:
  LoadClient(std::uint16_t port, const std::string& ca_file, unsigned connections);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // run sends `count` requests, the n-th being request(n), head and body complete, and waits for
  // all answers.
  [[nodiscard]] LoadResult run(std::uint64_t count,
                               const std::function<const std::string&(std::uint64_t)>& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chancery::bench
