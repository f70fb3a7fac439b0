#pragma once

// What all benchmarks share that set something up.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/result.h"

namespace chancery::bench {

constexpr unsigned kClients = 64;

// need gives the value, or ends the program when what cannot fail has failed.
template <class T>
T need(Result<T> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, result.error().to_string().c_str());
    std::exit(1);
  }
  return *std::move(result);
}
void need(Result<void> result, const char* what);

// TemporaryDirectory is removed with everything in it, also where need ends the program.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace chancery::bench
