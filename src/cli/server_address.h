#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chancery::cli {

struct ServerAddress {
  std::string host;
  std::uint16_t port = 443;
};

// parse_host_port reads "host:port", "[::1]:443" and the like; nothing when it is something else.
[[nodiscard]] std::optional<ServerAddress> parse_host_port(std::string_view text);
// parse_https_url reads the server of "https://host[:port]/..."; nothing for any other text.
[[nodiscard]] std::optional<ServerAddress> parse_https_url(std::string_view url);

}  // namespace chancery::cli
