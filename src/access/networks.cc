#include "access/networks.h"

#include <algorithm>

namespace chancery::access {

Result<x509::Cidr> parse_network(std::string_view text) {
  if (text.contains('/')) return x509::Cidr::parse(text);
  const Bytes address = TRY(x509::parse_address(text));
  return x509::Cidr::parse(std::string(text) +
                           (address.size() == 4 && !text.contains(':') ? "/32" : "/128"));
}

std::string canonical_network(std::string_view text) {
  if (text.ends_with("/32") && !text.contains(':')) text.remove_suffix(3);
  if (text.ends_with("/128")) text.remove_suffix(4);
  return std::string(text);
}

bool is_within(const std::vector<std::string>& networks, std::string_view address) {
  if (networks.empty()) return true;
  const auto octets = x509::parse_address(address);
  return octets && std::ranges::any_of(networks, [&](const std::string& text) {
           const auto network = parse_network(text);
           return network && network->contains(*octets);
         });
}

}  // namespace chancery::access
