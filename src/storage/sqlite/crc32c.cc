#include "storage/sqlite/crc32c.h"

#include <array>
#include <cstring>

namespace chancery::storage::sqlite {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}
constexpr auto kTable = make_table();

std::uint32_t update_portable(std::uint32_t crc, BytesView bytes) {
  for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xff];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t update_sse42(std::uint32_t crc, BytesView bytes) {
  std::uint64_t wide = crc;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
    bytes = bytes.subspan(8);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (const std::uint8_t byte : bytes) narrow = __builtin_ia32_crc32qi(narrow, byte);
  return narrow;
}

const bool kHasSse42 = __builtin_cpu_supports("sse4.2") != 0;
#endif

std::uint32_t update(std::uint32_t crc, BytesView bytes) {
#if defined(__x86_64__)
  if (kHasSse42) return update_sse42(crc, bytes);
#endif
  return update_portable(crc, bytes);
}

}  // namespace

Crc32c& Crc32c::add(BytesView bytes) {
  state_ = update(state_, bytes);
  return *this;
}

Crc32c& Crc32c::add(std::uint64_t number) {
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return add(BytesView(octets));
}

}  // namespace chancery::storage::sqlite
