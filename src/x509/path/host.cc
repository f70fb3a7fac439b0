#include "x509/path/host.h"

#include <optional>
#include <string>

#include "x509/path/dns_name.h"

namespace chancery::x509::path {
namespace {

using Kind = GeneralName::Kind;

std::string quoted_names(const Certificate& target) {
  constexpr std::size_t kShown = 8;
  std::string text;
  const auto names = target.subject_alt_names();
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i)
    text += (i > 0 ? ", " : "") + names[i].to_string();
  return names.size() > kShown ? text + ", ..." : text;
}

const GeneralName* find_host(const Certificate& target, std::string_view host,
                             const std::optional<Bytes>& address) {
  for (const GeneralName& name : target.subject_alt_names()) {
    const bool found = address ? name.kind() == Kind::kIp && equal(name.octets(), *address)
                               : name.kind() == Kind::kDns && matches_host(name.text(), host);
    if (found) return &name;
  }
  return nullptr;
}

}  // namespace

void check_host(const Certificate& target, std::string_view host, Findings& findings) {
  const std::string asked(host);
  std::optional<Bytes> address;
  if (auto parsed = parse_ip(host)) address = *std::move(parsed);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!address && !is_dns_name(host)) {
    return findings.error(Rule::kHostMalformed, std::nullopt,
                          "host " + asked +
                              " is neither a DNS name nor an IP address (use the A-label of an "
                              "internationalised name)");
  }
  if (target.subject_alt_names().empty()) {
    return findings.error(Rule::kHostNamesMissing, 0,
                          "no subject alternative name to compare with " + asked +
                              "; the common name does not count");
  }
  if (const GeneralName* name = find_host(target, host, address)) {
    return findings.info(Rule::kHost, 0, [&] { return asked + " matches " + name->to_string(); });
  }
  findings.error(Rule::kHostMismatch, 0,
                 "host " + asked + " is not among its names: " + quoted_names(target));
}

}  // namespace chancery::x509::path
