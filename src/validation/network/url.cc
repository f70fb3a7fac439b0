#include "validation/network/url.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "x509/general_name.h"

namespace chancery::validation::network {
namespace {

constexpr std::size_t kMaxSize = 2048;
constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxLabel = 63;

std::unexpected<Error> refused(std::string_view why) { return fail(Code::kInvalidArgument, why); }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && std::ranges::all_of(label, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_number(std::string_view label) {
  return std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
}

// A name of one label is right only where it is `known`: the page that redirects has it.
Result<std::string> check_name(std::string_view host, std::string_view known) {
  std::string name = to_lower(host);
  if (name.ends_with('.')) name.pop_back();
  const auto labels = split(name, '.');
  if (name.size() > kMaxHost || !std::ranges::all_of(labels, is_label))
    return refused("its host is not a domain name");
  if (labels.size() < 2 && name != known) return refused("its host has no dot");
  if (is_number(labels.back())) return refused("its host is neither an address nor a domain name");
  return name;
}

Result<std::string> check_host(std::string_view host, std::string_view known) {
  if (host.empty()) return refused("it has no host");
  if (host.starts_with('[')) {
    const auto address =
        x509::parse_ip(host.ends_with(']') ? host.substr(1, host.size() - 2) : host);
    if (!address || address->size() != 16) return refused("its host is not an IPv6 address");
    return x509::ip_to_string(*address);
  }
  const auto address = x509::parse_ip(host);
  if (address && address->size() == 4) return x509::ip_to_string(*address);
  return check_name(host, known);
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    return refused("its port is not a number from 1 to 65535");
  return port;
}

// Where the port's colon stands, behind an IPv6 address's bracket; npos: there is none.
std::size_t port_colon(std::string_view authority) {
  const auto bracket = authority.find(']');
  return authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

Result<void> set_authority(Url& url, std::string_view authority) {
  if (authority.find('@') != std::string_view::npos)
    return refused("it has a user name or a password");
  const auto colon = port_colon(authority);
  url.host = TRY(check_host(authority.substr(0, colon), url.host));
  url.port.reset();
  if (colon != std::string_view::npos && colon + 1 < authority.size())
    url.port = TRY(parse_port(authority.substr(colon + 1)));
  return {};
}

// RFC 3986 section 5.2.4.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto segments = split(path.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    const std::string_view segment = segments[i];
    if (segment != "." && segment != "..") {
      kept.push_back(segment);
      continue;
    }
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (last) kept.emplace_back();
  }
  std::string out;
  for (const std::string_view segment : kept) out += "/" + std::string(segment);
  return out.empty() ? "/" : out;
}

void set_target(Url& url, std::string_view path, std::string_view query) {
  url.target = without_dot_segments(path) + std::string(query);
}

// A reference within the same host: "/path", "path", "?query" or nothing.
void set_relative(Url& url, std::string_view reference) {
  const auto question = std::min(reference.find('?'), reference.size());
  const std::string_view path = reference.substr(0, question);
  const std::string_view query = reference.substr(question);
  const std::string base_path = url.target.substr(0, url.target.find('?'));
  if (path.starts_with('/')) return set_target(url, path, query);
  if (!path.empty())
    return set_target(url, base_path.substr(0, base_path.rfind('/') + 1) + std::string(path),
                      query);
  if (!query.empty()) set_target(url, base_path, query);
}

// What stands behind "//": authority, path, query.
Result<void> set_absolute(Url& url, std::string_view rest) {
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  TRY(set_authority(url, rest.substr(0, end)));
  url.target = "/";
  set_relative(url, rest.substr(end));
  return {};
}

bool is_scheme_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

// The scheme and its colon, or "".
std::string_view scheme_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view scheme = text.substr(0, colon);
  return std::ranges::all_of(scheme, is_scheme_char) ? text.substr(0, colon + 1)
                                                     : std::string_view{};
}

}  // namespace

std::string Url::authority() const {
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + (port ? ":" + std::to_string(*port) : "");
}

std::string Url::text() const { return (https ? "https://" : "http://") + authority() + target; }

Result<Url> resolve(const Url& base, std::string_view location) {
  if (location.size() > kMaxSize) return fail(Code::kTooLarge, "it is longer than 2048 octets");
  if (!std::ranges::all_of(location, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; }))
    return refused("it has a blank or a character that a URL cannot have");
  location = location.substr(0, location.find('#'));
  Url url = base;
  const std::string_view scheme = scheme_of(location);
  if (scheme.empty() && !location.starts_with("//")) {
    set_relative(url, location);
    return url;
  }
  if (!scheme.empty()) {
    url.https = equal_ignoring_case(scheme, "https:");
    if (!url.https && !equal_ignoring_case(scheme, "http:"))
      return refused("its scheme is neither http nor https");
    location.remove_prefix(scheme.size());
    if (!location.starts_with("//")) return refused("it has no host");
  }
  TRY(set_absolute(url, location.substr(2)));
  return url;
}

}  // namespace chancery::validation::network
