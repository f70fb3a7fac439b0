#include "access/decimal.h"

#include <algorithm>

namespace chancery::access {

std::string decimal(BytesView octets) {
  Bytes rest = to_bytes(octets);
  std::string digits;
  while (std::ranges::any_of(rest, [](std::uint8_t octet) { return octet != 0; })) {
    unsigned remainder = 0;
    for (std::uint8_t& octet : rest) {
      const unsigned value = remainder * 256 + octet;
      octet = static_cast<std::uint8_t>(value / 10);
      remainder = value % 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + remainder));
  }
  return digits;
}

}  // namespace chancery::access
