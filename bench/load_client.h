#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace chancery::bench {

struct LoadResult {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;   // any status but 200, or a broken connection
  std::string first_failure;  // its first bytes
  double seconds = 0;
};

struct LoadOptions {
  std::uint16_t port = 0;
  std::string ca_file;
  unsigned connections = 64;  // keep-alive, one request under way on each
  // body(n) is the n-th request, head and body complete; called once for each n < requests.
  std::uint64_t requests = 0;
  std::function<const std::string&(std::uint64_t)> request;
};

// run_load sends requests to 127.0.0.1 over TLS from one thread and waits for all answers (closed
// loop).
[[nodiscard]] LoadResult run_load(const LoadOptions& options);

}  // namespace chancery::bench
