#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chancery::x509 {

// parse_address reads an IPv4 or IPv6 address; an IPv4 address mapped into IPv6 becomes IPv4 (4
// octets). Errors: kMalformed.
[[nodiscard]] Result<Bytes> parse_address(std::string_view text);
// unmapped makes an IPv4-mapped IPv6 address 4 octets.
[[nodiscard]] BytesView unmapped(BytesView octets);

// Cidr is a network: "10.0.0.0/8". Value.
class Cidr {
 public:
  // parse reads address/prefix length; bits behind the prefix are dropped. Errors: kMalformed.
  [[nodiscard]] static Result<Cidr> parse(std::string_view text);

  // contains takes 4 or 16 octets; an IPv4-mapped address counts as IPv4.
  [[nodiscard]] bool contains(BytesView octets) const;
  [[nodiscard]] std::string to_string() const;

 private:
  [[nodiscard]] BytesView network() const { return {octets_.data(), size_}; }

  std::array<std::uint8_t, 16> octets_{};
  std::size_t size_ = 4;
  unsigned prefix_ = 0;  // bits
};

}  // namespace chancery::x509
