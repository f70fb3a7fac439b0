#pragma once

#include "base/random.h"

namespace chancery::crypto {

// SystemRandom draws from the crypto library's DRBG through a small per-thread buffer that is wiped
// as it is handed out, so that a 16-byte serial number costs a copy. A child process never repeats
// its parent's numbers. Thread-safe; stops the program when there is no randomness.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace chancery::crypto
