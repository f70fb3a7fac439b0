#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace chancery::x509 {

// DER headers for content whose size is known before, so that large content is copied once.
// Internal to this folder.
[[nodiscard]] constexpr std::size_t der_header_size(std::size_t length) {
  std::size_t size = 2;
  if (length < 0x80) return size;
  for (; length != 0; length >>= 8) ++size;
  return size;
}

[[nodiscard]] constexpr std::size_t der_size(std::size_t length) {
  return der_header_size(length) + length;
}

inline void append_der_header(Bytes& out, std::uint8_t tag, std::size_t length) {
  out.push_back(tag);
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  const std::size_t octets = der_header_size(length) - 2;
  out.push_back(static_cast<std::uint8_t>(0x80U | octets));
  for (std::size_t i = octets; i-- > 0;)
    out.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
}

}  // namespace chancery::x509
