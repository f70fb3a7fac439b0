#include "base/uuid.h"

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace chancery {
namespace {

// Where the hyphens stand, in ascending order.
constexpr std::array<std::size_t, 4> kHyphens{8, 13, 18, 23};
constexpr std::size_t kLength = 36;

}  // namespace

std::string make_uuid(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text = hex(bytes);
  for (const std::size_t at : kHyphens) text.insert(at, 1, '-');
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != kLength) return false;
  for (std::size_t i = 0, hyphen = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (hyphen < kHyphens.size() && i == kHyphens[hyphen]) {
      if (c != '-') return false;
      ++hyphen;
    } else if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
      return false;
    }
  }
  return true;
}

}  // namespace chancery
