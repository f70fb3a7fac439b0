#include "x509/lint/facts.h"

#include <algorithm>

#include "base/text.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

bool is_host_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
    return false;
  }
  return std::ranges::all_of(label, [](char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

bool has_purpose(const TbsCertificate& tbs, const asn1::Oid& purpose) {
  const auto& purposes = tbs.extensions.extended_key_usage;
  return purposes && std::ranges::find(*purposes, purpose) != purposes->end();
}

bool is_tls_server(const TbsCertificate& tbs) {
  if (is_ca(tbs)) return false;
  return !tbs.extensions.extended_key_usage || has_purpose(tbs, oids::kServerAuth) ||
         has_purpose(tbs, oids::kAnyExtendedKeyUsage);
}

bool has_policy(const TbsCertificate& tbs, const asn1::Oid& policy) {
  const auto& policies = tbs.extensions.certificate_policies;
  return policies &&
         std::ranges::find(*policies, policy, &PolicyInformation::id) != policies->end();
}

bool has_scheme(std::string_view uri, std::string_view scheme) {
  return uri.size() > scheme.size() + 3 &&
         equal_ignoring_case(uri.substr(0, scheme.size()), scheme) &&
         uri.substr(scheme.size(), 3) == "://";
}

bool has_scheme(const GeneralName& name, std::string_view scheme) {
  return name.kind() == GeneralName::Kind::kUri && has_scheme(name.text(), scheme);
}

bool is_host_name(std::string_view text) {
  return std::ranges::all_of(split(text, '.'), is_host_label);
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;  // no continuation
  }));
}

bool has_control_character(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto octet = static_cast<unsigned char>(utf8[i]);
    if (octet < 0x20 || octet == 0x7f) return true;
    // U+0080 to U+009F.
    if (octet == 0xc2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

std::string attribute_name(const asn1::Oid& type) {
  const std::string_view known = short_name(type);
  return known.empty() ? type.to_string() : std::string(known);
}

}  // namespace chancery::x509::lint
