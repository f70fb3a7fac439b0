#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace chancery::validation::network {

// Url is where http-01 fetches from: http or https, without user information and fragment.
struct Url {
  bool https = false;
  std::string host;  // lower case; an IPv6 address without brackets
  std::optional<std::uint16_t> port;
  std::string target = "/";  // path and query

  [[nodiscard]] std::string text() const;
  // authority is the host as it stands in a URL, with the port where there is one.
  [[nodiscard]] std::string authority() const;
  friend bool operator==(const Url&, const Url&) = default;
};

// resolve takes a redirect's Location against the page that it came from (RFC 3986 section 5.2).
// The host has to be the page's own, an IP address in canonical text, or a name of at least two
// labels, of which the last is not a number. Errors: kInvalidArgument, with what to change;
// kTooLarge (over 2048 octets).
[[nodiscard]] Result<Url> resolve(const Url& base, std::string_view location);

}  // namespace chancery::validation::network
