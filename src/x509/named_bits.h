#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "asn1/writer.h"

namespace chancery::x509 {

// write_named_bits writes bits (position n at 1 << n) without trailing zeros (X.690
// section 11.2.2). Internal to this folder.
inline void write_named_bits(asn1::Writer& out, std::uint16_t bits,
                             std::uint8_t tag = asn1::kBitString) {
  std::array<std::uint8_t, 2> octets{};
  for (unsigned n = 0; n < 16; ++n) {
    if ((unsigned{bits} >> n & 1U) != 0)
      octets[n / 8] = static_cast<std::uint8_t>(octets[n / 8] | 0x80U >> (n % 8));
  }
  const std::size_t size = octets[1] != 0 ? 2 : octets[0] != 0 ? 1 : 0;
  const unsigned unused = size == 0 ? 0 : static_cast<unsigned>(std::countr_zero(octets[size - 1]));
  out.bit_string(BytesView(octets).first(size), unused, tag);
}

}  // namespace chancery::x509
