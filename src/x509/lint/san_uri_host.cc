#include <optional>

#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

// The host of scheme://user@host:port/..., without them; nothing where there is no authority.
std::optional<std::string_view> uri_host(std::string_view uri) {
  const std::size_t slashes = uri.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  std::string_view host = uri.substr(slashes + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    host.remove_prefix(at + 1);
  }
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_full_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    return parse_ip(host.substr(1, host.size() - 2)).has_value();
  }
  if (host.find('.') == std::string_view::npos) return false;
  return parse_ip(host).has_value() || is_host_name(host);
}

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kUri, [&](const GeneralName& name) {
    const auto host = uri_host(name.text());
    if (!host || is_full_host(*host)) return;
    report.add("URI name '" + printable(name.text()) + "' has no full host name");
  });
}

}  // namespace

const Rule kSanUriHostRule{"san_uri_host", Severity::kOff,
                           "the host of a URI name is a full domain name or an IP address (RFC "
                           "5280 section 4.2.1.6); SPIFFE trust domains need not be",
                           check};

}  // namespace chancery::x509::lint
