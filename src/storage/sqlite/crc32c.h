#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace chancery::storage::sqlite {

// Crc32c is the Castagnoli CRC (RFC 3720 appendix B.4). It finds torn and flipped bytes; who
// changes them on purpose is found by the Merkle tree over the events.
class Crc32c {
 public:
  Crc32c() = default;
  // Goes on behind bytes that have this value.
  explicit Crc32c(std::uint32_t value) : state_(~value) {}
  Crc32c& add(BytesView bytes);
  // Adds a number as eight octets.
  Crc32c& add(std::uint64_t number);
  [[nodiscard]] std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xffffffff;
};

}  // namespace chancery::storage::sqlite
