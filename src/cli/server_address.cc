#include "cli/server_address.h"

#include <charconv>

namespace chancery::cli {
namespace {

bool parse_port(std::string_view digits, std::uint16_t& port) {
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end && port != 0;
}

// Where the colon before a port is: an IPv6 address has colons of its own, in brackets.
std::size_t port_colon(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool in_brackets = colon != text.npos && text.find(']', colon) != text.npos;
  return in_brackets ? text.npos : colon;
}

std::optional<ServerAddress> with_host(ServerAddress address, std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find('/') != host.npos) return {};
  address.host = host;
  return address;
}

}  // namespace

std::optional<ServerAddress> parse_host_port(std::string_view text) {
  const auto colon = port_colon(text);
  ServerAddress address;
  if (colon == text.npos || !parse_port(text.substr(colon + 1), address.port)) return {};
  return with_host(address, text.substr(0, colon));
}

std::optional<ServerAddress> parse_https_url(std::string_view url) {
  constexpr std::string_view kHttps = "https://";
  if (!url.starts_with(kHttps)) return {};
  url.remove_prefix(kHttps.size());
  url = url.substr(0, url.find_first_of("/?#"));
  return port_colon(url) == url.npos ? with_host({}, url) : parse_host_port(url);
}

}  // namespace chancery::cli
