#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chancery::bench {

// Where to send, always on 127.0.0.1.
struct LoadTarget {
  std::uint16_t port = 0;
  bool tls = true;
  std::string ca_file{};  // PEM; empty: the server's certificate is not looked at
};

struct LoadResult {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;      // any status but 2xx, or a broken connection
  std::uint64_t reconnects = 0;  // the server closed a connection after an answer
  std::string first_failure;     // its first bytes
  double seconds = 0;
  std::vector<float>
      latencies_ms;  // sorted; from when a request was due, not from when it was sent

  // quantile(0.99) is the latency that 99 of 100 requests kept to, in milliseconds.
  [[nodiscard]] double quantile(double q) const;
};

// LoadClient holds keep-alive connections to a server and drives them from one thread, one request
// under way on each. Not thread-safe.
class LoadClient {
 public:
  LoadClient(const LoadTarget& target, unsigned connections);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // run sends `count` requests, the n-th being request(n), head and body complete, and waits for
  // all answers. Closed loop when `rate` is 0: a connection sends as soon as it has its answer.
  // Else open loop: `rate` requests a second are due, and one for which no connection is free waits
  // with its clock running.
  [[nodiscard]] LoadResult run(std::uint64_t count,
                               const std::function<const std::string&(std::uint64_t)>& request,
                               double rate = 0);

  // converse has every connection send what `next` says, given its number and the answer to its
  // last request ("" at first), until that is "". All connections must come to their end. An answer
  // of any status counts as answered: judging it is up to `next`.
  using Next = std::function<std::string(std::uint32_t connection, const std::string& answer)>;
  [[nodiscard]] LoadResult converse(const Next& next);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// handshakes connects `count` times, one after the other, and closes without a request.
[[nodiscard]] LoadResult handshakes(const LoadTarget& target, std::uint64_t count);

}  // namespace chancery::bench
