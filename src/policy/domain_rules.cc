#include "policy/domain_rules.h"

#include <algorithm>

#include "base/text.h"
#include "policy/host_name.h"

namespace chancery::policy {
namespace {

// A name taken apart: "x@example.com" is about example.com, "*.example.com" too.
struct NameParts {
  std::string_view whole;
  std::string_view host;            // without mailbox and wildcard label
  std::string_view wildcard_label;  // "*", "www*"
  bool email = false;
  bool wildcard = false;
};

bool has_star(std::string_view text) { return text.find('*') != std::string_view::npos; }

NameParts take_apart(std::string_view name) {
  NameParts parts{name, name, {}, false, false};
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    parts.email = true;
    parts.host = name.substr(at + 1);
  }
  if (has_star(parts.host)) {
    parts.wildcard = true;
    const std::size_t dot = parts.host.find('.');
    parts.wildcard_label = parts.host.substr(0, dot);
    parts.host = dot == std::string_view::npos ? std::string_view{} : parts.host.substr(dot + 1);
  }
  return parts;
}

// One '*', in the left-most label, and not behind a mailbox: RFC 6125 section 6.4.3.
bool is_sound_wildcard(const NameParts& parts) {
  return !parts.email && !has_star(parts.host) &&
         std::ranges::count(parts.wildcard_label, '*') == 1;
}

bool is_sound_email(const NameParts& parts) {
  return !parts.host.empty() && parts.whole.front() != '@' &&
         parts.host.find('@') == std::string_view::npos;
}

bool has_host_syntax(const NameParts& parts) {
  if (parts.wildcard && !is_wildcard_label(parts.wildcard_label)) return false;
  if (parts.host.empty()) return parts.wildcard;
  return !idna_fault(parts.host) && is_host_name(parts.host);
}

bool is_local(std::string_view host) { return host == "localhost" || host == "localdomain"; }

// Case-sensitive, as in OpenBao.
bool is_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

bool is_bare(const NameParts& parts, std::string_view domain) {
  return equal_ignoring_case(parts.whole, domain) ||
         (parts.email && equal_ignoring_case(parts.host, domain));
}

bool is_subdomain(const NameParts& parts, std::string_view domain) {
  return is_below(parts.host, domain) ||
         (parts.wildcard && equal_ignoring_case(parts.host, domain));
}

bool is_local_subdomain(const NameParts& parts) {
  return is_below(parts.host, "localhost") || is_below(parts.host, "localdomain");
}

bool fits_glob(const NameParts& parts, std::string_view domain) {
  return has_star(domain) && glob_match(domain, parts.whole);
}

bool allows_domain(const Role& role, const NameParts& parts, std::string_view domain) {
  return (role.allow_bare_domains && is_bare(parts, domain)) ||
         (role.allow_subdomains && is_subdomain(parts, domain)) ||
         (role.allow_glob_domains && fits_glob(parts, domain));
}

bool allows_host(const Role& role, const NameParts& parts) {
  if (role.allow_localhost &&
      (is_local(parts.host) || (role.allow_subdomains && is_local_subdomain(parts)))) {
    return true;
  }
  return std::ranges::any_of(role.allowed_domains, [&](const std::string& domain) {
    return !domain.empty() && allows_domain(role, parts, domain);
  });
}

// Of a name that no rule allows: the switch that would, or the list it is missing from.
std::string_view nearest_rule(const Role& role, const NameParts& parts) {
  if (is_local(parts.host) && !role.allow_localhost) return "allow_localhost";
  if (role.allow_localhost && is_local_subdomain(parts)) return "allow_subdomains";
  for (const std::string& domain : role.allowed_domains) {
    if (domain.empty()) continue;
    if (is_bare(parts, domain)) return "allow_bare_domains";
    if (is_subdomain(parts, domain)) return "allow_subdomains";
    if (fits_glob(parts, domain)) return "allow_glob_domains";
  }
  return "allowed_domains";
}

}  // namespace

std::string_view refusing_rule(const Role& role, std::string_view name) {
  const NameParts parts = take_apart(name);
  if (parts.wildcard && !(role.allow_wildcard_certificates && is_sound_wildcard(parts))) {
    return "allow_wildcard_certificates";
  }
  if (parts.email && !is_sound_email(parts)) return "enforce_hostnames";
  if (role.enforce_hostnames && !has_host_syntax(parts)) return "enforce_hostnames";
  if (role.allow_any_name || allows_host(role, parts)) return {};
  return nearest_rule(role, parts);
}

std::string_view refusing_rule_for_common_name(const Role& role, std::string_view name) {
  const std::vector<std::string>& validations = role.cn_validations;
  if (validations.size() == 1 && validations.front() == "disabled") return {};
  if (const std::string_view rule = refusing_rule(role, name); !rule.empty()) return rule;
  const std::string_view needed = name.find('@') != std::string_view::npos ? "email" : "hostname";
  const bool listed =
      validations.empty() || std::ranges::find(validations, needed) != validations.end();
  return listed ? std::string_view{} : "cn_validations";
}

}  // namespace chancery::policy
