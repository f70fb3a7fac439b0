#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace chancery::jose {

// The signature and MAC algorithms of RFC 7518 and RFC 8037 that are read. "none" and RSA with
// other hashes or paddings are not.
enum class Algorithm : std::uint8_t {
  kRs256,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,  // with Ed25519
  kHs256,
  kHs384,
  kHs512,
};

// parse_algorithm takes "ES256" exactly.
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name);
[[nodiscard]] std::string_view name(Algorithm algorithm);
[[nodiscard]] constexpr bool is_mac(Algorithm algorithm) { return algorithm >= Algorithm::kHs256; }

}  // namespace chancery::jose
