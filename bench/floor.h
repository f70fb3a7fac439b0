#pragma once

// What ratios are to: F, one signature check of a request plus one signature.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cpu_time.h"
#include "issuing_bed.h"

namespace chancery::bench {

// us_each runs `work` for each index below `count` and returns the calling thread's CPU time per
// call.
template <class Work>
double us_each(std::size_t count, Work&& work) {
  const std::int64_t start = thread_cpu_ns();
  for (std::size_t i = 0; i < count; ++i) work(i);
  return static_cast<double>(thread_cpu_ns() - start) / 1e3 / static_cast<double>(count);
}

// The floor: verify a request, sign a certificate's bytes.
class Floor {
 public:
  Floor(const std::vector<Request>& requests, crypto::KeyType type)
      : requests_(requests),
        key_(need(crypto::PrivateKey::generate(type), "key")),
        scheme_(crypto::default_scheme(type)) {}

  // measure works for `count` requests from `first` on; do so in alternation with what is measured.
  void measure(std::size_t first, std::size_t count);
  [[nodiscard]] double verify() const;
  [[nodiscard]] double sign() const;
  [[nodiscard]] double f() const { return verify() + sign(); }

 private:
  const std::vector<Request>& requests_;
  const crypto::PrivateKey key_;
  const crypto::SignatureScheme scheme_;
  std::vector<double> verify_;
  std::vector<double> sign_;
};

// report prints the CPU time of each thread between two readings of process_cpu_ns, for each of
// `count` things, and their sum as a ratio to `f`.
void report(const std::map<std::string, std::int64_t>& before,
            const std::map<std::string, std::int64_t>& after, std::size_t count, double f,
            const char* what);

}  // namespace chancery::bench
