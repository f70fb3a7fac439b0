#include "policy/names.h"

#include <algorithm>
#include <set>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "policy/other_name.h"
#include "policy/refusal.h"
#include "policy/uri.h"
#include "x509/cidr.h"

namespace chancery::policy {
namespace {

using Kind = x509::GeneralName::Kind;

std::unexpected<Error> unreadable_other_name(std::string_view field, std::string_view why) {
  return invalid(field, "allowed_other_sans", {"could not parse requested other SAN: ", why});
}

Result<OtherName> from_csr_name(const x509::GeneralName& name) {
  asn1::Reader in(name.value_der());
  const auto text = in.read(asn1::kUtf8String);
  if (!text || !in.finish())
    return unreadable_other_name("csr", "no UTF-8 string found in OtherName");
  TRY(check_text("csr", as_text(*text)));
  return OtherName{name.type_id().to_string(), std::string(as_text(*text))};
}

Result<std::vector<OtherName>> requested_other_names(const Role& role,
                                                     const IssueRequest& request) {
  std::vector<OtherName> names;
  for (const std::string& text : request.other_sans) {
    TRY(check_text("other_sans", text));
    auto name = parse_other_name(text);
    if (!name) return unreadable_other_name("other_sans", name.error().detail);
    names.push_back(*std::move(name));
  }
  if (!takes_csr_names(role, request)) return names;
  for (const x509::GeneralName& name : request.csr->subject_alt_names()) {
    if (name.kind() == Kind::kOther) names.push_back(TRY(from_csr_name(name)));
  }
  return names;
}

Result<std::vector<OtherName>> allowed_other_names(const Role& role) {
  std::vector<OtherName> names;
  for (const std::string& text : role.allowed_other_sans) {
    auto name = parse_other_name(text);
    if (!name) {
      return invalid("other_sans", "allowed_other_sans",
                     {"error parsing role's allowed SANs: ", name.error().detail});
    }
    names.push_back(*std::move(name));
  }
  return names;
}

Result<void> check_other_name(const std::vector<OtherName>& allowed, const OtherName& name) {
  constexpr std::string_view kRule = "allowed_other_sans";
  bool known = false;
  for (const OtherName& candidate : allowed) {
    if (candidate.oid != name.oid) continue;
    known = true;
    if (glob_match(candidate.value, name.value)) return {};
  }
  if (!known || name.value.empty()) {
    return refused("other_sans", kRule, {"other SAN OID ", name.oid, " not allowed by this role"});
  }
  return refused("other_sans", kRule,
                 {"other SAN ", name.value, " not allowed for OID ", name.oid, " by this role"});
}

Result<x509::GeneralName> to_general_name(const OtherName& name) {
  const auto oid = asn1::Oid::parse(name.oid);
  if (!oid) {
    return unreadable_other_name("other_sans", "invalid object identifier " + in_quotes(name.oid));
  }
  asn1::Writer value(name.value.size() + 8);
  value.element(asn1::kUtf8String, name.value);
  return x509::GeneralName::other(*oid, value.view());
}

Result<std::vector<Bytes>> requested_addresses(const Role& role, const IssueRequest& request) {
  std::vector<Bytes> addresses;
  if (takes_csr_names(role, request)) {
    for (const x509::GeneralName& name : request.csr->subject_alt_names()) {
      if (name.kind() == Kind::kIp) addresses.push_back(to_bytes(x509::unmapped(name.octets())));
    }
    return addresses;
  }
  for (const std::string& text : request.ip_sans) {
    auto address = x509::parse_address(trim(text));
    if (!address) {
      return invalid("ip_sans", "ip_sans",
                     {"the value ", in_quotes(printable(text)), " is not a valid IP address"});
    }
    addresses.push_back(*std::move(address));
  }
  return addresses;
}

Result<std::vector<x509::Cidr>> allowed_networks(const Role& role) {
  std::vector<x509::Cidr> networks;
  networks.reserve(role.allowed_ip_sans_cidr.size());
  for (const std::string& text : role.allowed_ip_sans_cidr) {
    auto network = x509::Cidr::parse(text);
    if (!network) {
      return invalid("ip_sans", "allowed_ip_sans_cidr",
                     {"error parsing allowed_ip_sans_cidr: invalid CIDR address: ", text});
    }
    networks.push_back(*network);
  }
  return networks;
}

Result<void> check_addresses(const Role& role, const IssueRequest& request,
                             const std::vector<Bytes>& addresses) {
  const bool from_csr = takes_csr_names(role, request);
  const std::string_view field = from_csr ? "csr" : "ip_sans";
  if (!role.allow_ip_sans) {
    return refused(
        field, "allow_ip_sans",
        {"IP Subject Alternative Names are not allowed in this role, but was provided via ",
         from_csr ? "CSR" : "the API"});
  }
  if (role.allowed_ip_sans_cidr.empty()) return {};
  const std::vector<x509::Cidr> networks = TRY(allowed_networks(role));
  for (const Bytes& address : addresses) {
    const bool inside =
        std::ranges::any_of(networks, [&](const x509::Cidr& n) { return n.contains(address); });
    if (!inside) {
      return refused(field, "allowed_ip_sans_cidr",
                     {"the IP address ", in_quotes(x509::ip_to_string(address)),
                      " is not allowed in this role"});
    }
  }
  return {};
}

std::vector<std::string_view> requested_uris(const Role& role, const IssueRequest& request) {
  std::vector<std::string_view> uris;
  if (!takes_csr_names(role, request)) {
    uris.assign(request.uri_sans.begin(), request.uri_sans.end());
    return uris;
  }
  for (const x509::GeneralName& name : request.csr->subject_alt_names()) {
    if (name.kind() == Kind::kUri) uris.push_back(name.text());
  }
  return uris;
}

Result<void> check_uri(const Role& role, std::string_view field, std::string_view source,
                       std::string_view uri) {
  constexpr std::string_view kRule = "allowed_uri_sans";
  TRY(check_text(field, uri));
  const bool allowed = std::ranges::any_of(
      role.allowed_uri_sans, [&](const std::string& pattern) { return glob_match(pattern, uri); });
  if (!allowed) {
    return refused(field, kRule,
                   {"URI Subject Alternative Names were provided via ", source,
                    " which are not valid for this role"});
  }
  if (is_absolute_uri(uri)) return {};
  return invalid(
      field, kRule,
      {"the provided URI Subject Alternative Name ", in_quotes(uri), " is not a valid URI"});
}

}  // namespace

void remove_repeated(GeneralNames& names) {
  constexpr std::size_t kFew = 16;
  if (names.size() <= kFew) {
    for (auto name = names.begin(); name != names.end();) {
      name = std::find(names.begin(), name, *name) == name ? name + 1 : names.erase(name);
    }
    return;
  }
  std::set<x509::GeneralName> seen;
  std::erase_if(names, [&](const x509::GeneralName& name) { return !seen.insert(name).second; });
}

Result<void> add_other_names(const Role& role, const IssueRequest& request, GeneralNames& out) {
  const std::vector<OtherName> names = TRY(requested_other_names(role, request));
  if (names.empty()) return {};
  const bool anything =
      role.allowed_other_sans.size() == 1 && role.allowed_other_sans.front() == "*";
  if (!anything) {
    const std::vector<OtherName> allowed = TRY(allowed_other_names(role));
    for (const OtherName& name : names) TRY(check_other_name(allowed, name));
  }
  for (const OtherName& name : names) out.push_back(TRY(to_general_name(name)));
  return {};
}

Result<void> add_addresses(const Role& role, const IssueRequest& request, GeneralNames& out) {
  const std::vector<Bytes> addresses = TRY(requested_addresses(role, request));
  if (addresses.empty()) return {};
  TRY(check_addresses(role, request, addresses));
  for (const Bytes& address : addresses) out.push_back(TRY(x509::GeneralName::ip(address)));
  return {};
}

Result<void> add_uris(const Role& role, const IssueRequest& request, GeneralNames& out) {
  const std::vector<std::string_view> uris = requested_uris(role, request);
  if (uris.empty()) return {};
  const bool from_csr = takes_csr_names(role, request);
  const std::string_view field = from_csr ? "csr" : "uri_sans";
  const std::string_view source = from_csr ? "CSR" : "the API";
  if (role.allowed_uri_sans.empty()) {
    return refused(
        field, "allowed_uri_sans",
        {"URI Subject Alternative Names are not allowed in this role, but were provided via ",
         source});
  }
  for (const std::string_view uri : uris) {
    TRY(check_uri(role, field, source, uri));
    out.push_back(TRY(x509::GeneralName::uri(uri)));
  }
  return {};
}

}  // namespace chancery::policy
