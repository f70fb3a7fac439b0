#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chancery::asn1 {

// Oid is an OBJECT IDENTIFIER held as its DER content octets, at most 39 of them.
class Oid {
 public:
  static constexpr std::size_t kMaxSize = 39;

  constexpr Oid() = default;
  // A literal such as Oid("2.5.29.17"); a wrong one does not compile.
  template <std::size_t N>
  consteval explicit Oid(const char (&dotted)[N]) {
    if (!assign(std::string_view(dotted, N - 1))) throw "not an object identifier";
  }

  // parse reads dotted decimal. Errors: kMalformed.
  [[nodiscard]] static Result<Oid> parse(std::string_view dotted);
  // from_der takes content octets, as Reader::read_oid returns them. Errors: kTooLarge.
  [[nodiscard]] static Result<Oid> from_der(BytesView content);

  [[nodiscard]] constexpr BytesView der() const { return {octets_.data(), size_}; }
  [[nodiscard]] std::string to_string() const;

  friend constexpr bool operator==(const Oid&, const Oid&) = default;
  friend constexpr auto operator<=>(const Oid&, const Oid&) = default;
  // Compares with content octets straight from a Reader.
  [[nodiscard]] bool is(BytesView content) const { return equal(der(), content); }

 private:
  constexpr bool assign(std::string_view dotted);
  constexpr bool push(std::uint64_t arc);

  std::array<std::uint8_t, kMaxSize> octets_{};
  std::uint8_t size_ = 0;
};

constexpr bool Oid::push(std::uint64_t arc) {
  std::size_t count = 1;
  while ((arc >> (7 * count)) != 0 && count < 9) ++count;
  if (size_ + count > kMaxSize) return false;
  for (std::size_t i = count; i-- > 0;) {
    octets_[size_++] = static_cast<std::uint8_t>(((arc >> (7 * i)) & 0x7f) | (i > 0 ? 0x80 : 0));
  }
  return true;
}

constexpr bool Oid::assign(std::string_view dotted) {
  std::uint64_t first = 0;
  std::size_t index = 0;
  std::size_t at = 0;
  while (true) {
    const std::size_t start = at;
    std::uint64_t arc = 0;
    while (at < dotted.size() && dotted[at] >= '0' && dotted[at] <= '9') {
      if (arc > (std::uint64_t{1} << 55)) return false;
      arc = arc * 10 + static_cast<std::uint64_t>(dotted[at++] - '0');
    }
    if (at == start || (at - start > 1 && dotted[start] == '0')) return false;
    if (index == 0) {
      if (arc > 2) return false;
      first = arc;
    } else if (index == 1) {
      if (first < 2 && arc > 39) return false;
      if (!push(first * 40 + arc)) return false;
    } else if (!push(arc)) {
      return false;
    }
    ++index;
    if (at == dotted.size()) return index >= 2;
    if (dotted[at++] != '.') return false;
  }
}

}  // namespace chancery::asn1
