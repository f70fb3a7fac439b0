#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "x509/cidr.h"

namespace chancery::validation::network {

// AddressRules say where this program connects to on behalf of a stranger. An address is allowed
// when the configuration allows it; else refused when the configuration denies it or when it is one
// that no public name can stand for: loopback, link-local, unspecified, multicast, reserved, and
// the metadata services of clouds. IPv6 forms that carry an IPv4 address (mapped, compatible,
// NAT64, 6to4) are judged by that address as well. Immutable; thread-safe.
class AddressRules {
 public:
  AddressRules(std::vector<x509::Cidr> allow, std::vector<x509::Cidr> deny)
      : allow_(std::move(allow)), deny_(std::move(deny)) {}

  // refusal says why `octets` (4 or 16) is not connected to, or nothing when it may be.
  [[nodiscard]] std::optional<std::string> refusal(BytesView octets) const;

 private:
  std::vector<x509::Cidr> allow_;
  std::vector<x509::Cidr> deny_;
};

// never_public lists the networks of the built-in rules, as text.
[[nodiscard]] std::vector<std::string> never_public();

}  // namespace chancery::validation::network
