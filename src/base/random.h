#pragma once

#include <cstdint>
#include <span>

namespace chancery {

// Random yields cryptographically strong random bytes. Implementations are thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace chancery
