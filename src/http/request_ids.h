#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/random.h"

namespace chancery::http {

// RequestIds makes random UUIDs (version 4), taking randomness in blocks. Not thread-safe.
class RequestIds {
 public:
  explicit RequestIds(Random& random) : random_(random) {}
  // next overwrites `out` with "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".
  void next(std::string& out);

 private:
  static constexpr std::size_t kSize = 16;
  Random& random_;
  std::array<std::uint8_t, 256 * kSize> block_{};
  std::size_t used_ = sizeof(block_);
};

}  // namespace chancery::http
