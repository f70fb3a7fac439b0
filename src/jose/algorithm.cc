#include "jose/algorithm.h"

#include <algorithm>
#include <array>

namespace chancery::jose {
namespace {

constexpr std::array<std::string_view, 8> kNames{"RS256", "ES256", "ES384", "ES512",
                                                 "EdDSA", "HS256", "HS384", "HS512"};

}  // namespace

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Algorithm>(found - kNames.begin());
}

std::string_view name(Algorithm algorithm) {
  return kNames.at(static_cast<std::size_t>(algorithm));
}

}  // namespace chancery::jose
