#include "crypto/curve_points.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace chancery::crypto {
namespace {

using Coordinate25519 = std::array<std::uint8_t, 32>;  // little-endian
using Coordinate448 = std::array<std::uint8_t, 56>;

constexpr Coordinate25519 kPrime25519 = [] {
  Coordinate25519 p;
  p.fill(0xff);
  p[0] = 0xed;
  p[31] = 0x7f;
  return p;
}();

// 2^448 - 2^224 - 1.
constexpr Coordinate448 kPrime448 = [] {
  Coordinate448 p;
  p.fill(0xff);
  p[28] = 0xfe;
  return p;
}();

template <std::size_t N>
constexpr std::array<std::uint8_t, N> small(std::uint8_t value) {
  std::array<std::uint8_t, N> out{};
  out[0] = value;
  return out;
}

template <std::size_t N>
constexpr std::array<std::uint8_t, N> less_one(std::array<std::uint8_t, N> odd) {
  odd[0] -= 1;
  return odd;
}

// The y coordinates of the eight points of small order of edwards25519: 0 (order 4), 1 (the neutral
// element), p-1 (order 2) and the two of order 8; each with either sign of x.
constexpr std::array<Coordinate25519, 5> kSmallOrderEd25519 = {{
    small<32>(0),
    small<32>(1),
    less_one(kPrime25519),
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
}};

// The u coordinates of small order of curve25519 and its twist: 0, 1, p-1 and the two of order 8
// (RFC 7748 section 6.1 wants the all-zero secret found; refusing these keys does it at the root).
constexpr std::array<Coordinate25519, 5> kSmallOrderX25519 = {{
    small<32>(0),
    small<32>(1),
    less_one(kPrime25519),
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
     0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
     0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
     0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
     0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
}};

// Both curves of 448 bits have cofactor 4: y (or u) is 0, 1 or p-1.
constexpr std::array<Coordinate448, 3> kSmallOrder448 = {
    {small<56>(0), small<56>(1), less_one(kPrime448)}};

template <std::size_t N>
bool below(const std::array<std::uint8_t, N>& value, const std::array<std::uint8_t, N>& bound) {
  return std::ranges::lexicographical_compare(value.rbegin(), value.rend(), bound.rbegin(),
                                              bound.rend());
}

template <std::size_t N, std::size_t Count>
Result<void> check(KeyAlgorithm algorithm, const std::array<std::uint8_t, N>& coordinate,
                   const std::array<std::uint8_t, N>& prime,
                   const std::array<std::array<std::uint8_t, N>, Count>& small_order) {
  const std::string name = to_string({algorithm, 0});
  if (!below(coordinate, prime))
    return fail(Code::kMalformed, name + " public key is not in canonical form");
  if (std::ranges::find(small_order, coordinate) != small_order.end())
    return fail(Code::kRefused, name + " public key is a point of small order");
  return {};
}

template <std::size_t N>
std::array<std::uint8_t, N> coordinate_of(BytesView key) {
  std::array<std::uint8_t, N> out;
  std::ranges::copy(key.first(N), out.begin());
  return out;
}

}  // namespace

Result<void> check_curve_point(KeyAlgorithm algorithm, BytesView key) {
  switch (algorithm) {
    case KeyAlgorithm::kEd25519: {
      auto y = coordinate_of<32>(key);
      y[31] &= 0x7f;  // the sign of x
      return check(algorithm, y, kPrime25519, kSmallOrderEd25519);
    }
    case KeyAlgorithm::kX25519: {
      auto u = coordinate_of<32>(key);
      u[31] &= 0x7f;  // ignored by RFC 7748 section 5
      return check(algorithm, u, kPrime25519, kSmallOrderX25519);
    }
    case KeyAlgorithm::kEd448:
      if ((key.back() & 0x7f) != 0)
        return fail(Code::kMalformed, "Ed448 public key is not in canonical form");
      return check(algorithm, coordinate_of<56>(key), kPrime448, kSmallOrder448);
    case KeyAlgorithm::kX448:
      return check(algorithm, coordinate_of<56>(key), kPrime448, kSmallOrder448);
    default:
      return {};
  }
}

}  // namespace chancery::crypto
