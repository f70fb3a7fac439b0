#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "x509/cidr.h"

namespace chancery::access {

// parse_network reads "10.0.0.0/8", or one address. Errors: kMalformed.
[[nodiscard]] Result<x509::Cidr> parse_network(std::string_view text);
// canonical_network writes one address without its prefix length, as Vault shows it.
[[nodiscard]] std::string canonical_network(std::string_view text);
// is_within says whether an address is in one of the networks; every address is in none at all.
[[nodiscard]] bool is_within(const std::vector<std::string>& networks, std::string_view address);

}  // namespace chancery::access
