#pragma once

// Internal to this folder: DER that holds a private key.

#include <utility>

#include "asn1/writer.h"
#include "base/secret_bytes.h"

namespace chancery::crypto {

// write_secret runs `body` on a Writer that never has to grow (a grown vector leaves its old memory
// behind unwiped) and moves the result to SecretBytes. The largest private key we write has 5 KiB.
template <class Body>
[[nodiscard]] SecretBytes write_secret(Body&& body) {
  constexpr std::size_t kEnough = 16 * 1024;
  asn1::Writer writer(kEnough);
  std::forward<Body>(body)(writer);
  CHANCERY_CHECK(writer.size() < kEnough);
  Bytes der = std::move(writer).take();
  const Wiped wiped(der);
  return SecretBytes(der);
}

}  // namespace chancery::crypto
