#include "x509/path/name_forms.h"

#include <algorithm>
#include <bit>

#include "asn1/reader.h"
#include "base/text.h"
#include "x509/oids.h"
#include "x509/path/dns_name.h"
#include "x509/path/name_key.h"

namespace chancery::x509::path {
namespace {

using Kind = GeneralName::Kind;

constexpr asn1::Oid kSmtpUtf8Mailbox("1.3.6.1.5.5.7.8.9");

// A domain in a constraint: empty (everything), a name, or a name behind a dot.
bool is_domain_constraint(std::string_view text) {
  if (text.starts_with('.')) text.remove_prefix(1);
  return text.empty() || is_dns_name(text);
}

// ".example.com" holds names below example.com, "example.com" that name as well where `or_itself`.
bool in_domain(std::string_view name, std::string_view domain) {
  if (!domain.starts_with('.')) return ends_with_labels(name, domain);
  return name.size() > domain.size() - 1 && ends_with_labels(name, domain.substr(1));
}

// Mailboxes: the last '@' separates, since a quoted local part may hold one.
void split_mailbox(FormName& name, std::string_view mailbox) {
  const std::size_t at = mailbox.rfind('@');
  name.well_formed = at != std::string_view::npos && at > 0 && is_dns_name(mailbox.substr(at + 1));
  if (!name.well_formed) return;
  name.local = mailbox.substr(0, at);
  name.text = mailbox.substr(at + 1);
}

// The host of "scheme://user@host:port/path" (RFC 3986); nothing when there is none.
std::optional<std::string_view> uri_host(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return std::nullopt;
  const bool has_scheme = std::ranges::all_of(uri.substr(0, scheme), [](char c) {
    return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
  if (!has_scheme) return std::nullopt;
  std::string_view authority = uri.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#\\"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  return authority.substr(0, authority.find(':'));
}

void read_uri(FormName& name, std::string_view uri) {
  const auto host = uri_host(uri);
  // A host that is an address has no place in a tree of domains (RFC 5280: MUST reject).
  name.well_formed = host && is_dns_name(*host) && !parse_ip(*host);
  if (name.well_formed) name.text = *host;
}

std::optional<std::string_view> utf8_value(const GeneralName& name) {
  asn1::Reader in(name.value_der());
  const auto text = in.read(asn1::kUtf8String);
  if (!text || !in.finish() || !is_valid_utf8(as_text(*text))) return std::nullopt;
  return as_text(*text);
}

void read_other(FormName& out, const GeneralName& name) {
  const asn1::Oid type = name.type_id();
  const bool upn = type == oids::kUserPrincipalName;
  if (!upn && type != kSmtpUtf8Mailbox) {
    out.type = "otherName " + type.to_string();
    return;
  }
  out.form = upn ? Form::kUpn : Form::kEmail;
  out.utf8_local = !upn;
  const auto text = utf8_value(name);
  out.well_formed = text.has_value();
  if (text) split_mailbox(out, *text);
}

std::string unsupported_type(Kind kind) {
  switch (kind) {
    case Kind::kX400Address:
      return "x400Address";
    case Kind::kEdiParty:
      return "ediPartyName";
    default:
      return "registeredID";
  }
}

void read_mailbox_constraint(FormConstraint& out, std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) {
    out.text = text;
    out.well_formed = is_domain_constraint(text);
  } else {
    out.local = text.substr(0, at);
    out.text = text.substr(at + 1);
    out.well_formed = is_dns_name(out.text);
  }
}

bool is_contiguous(BytesView mask) {
  bool ended = false;
  for (const std::uint8_t byte : mask) {
    const int ones = std::countl_one(byte);
    if (std::popcount(byte) != ones || (ended && byte != 0)) return false;
    if (ones < 8) ended = true;
  }
  return true;
}

void read_other_constraint(FormConstraint& out, const GeneralName& subtree) {
  if (subtree.type_id() != oids::kUserPrincipalName) {
    out.type = "otherName " + subtree.type_id().to_string();
    return;
  }
  out.form = Form::kUpn;
  const auto text = utf8_value(subtree);
  out.well_formed = text.has_value();
  // "@realm" means the same as "realm": everybody there.
  if (text) read_mailbox_constraint(out, text->starts_with('@') ? text->substr(1) : *text);
}

bool dns_within(std::string_view name, std::string_view domain, Subtree kind) {
  if (!name.starts_with("*.")) return in_domain(name, domain);
  const std::string_view parent = name.substr(2);
  // What is surely inside: every name that the wildcard can stand for lies below its parent.
  if (domain.starts_with('.') ? ends_with_labels(parent, domain.substr(1))
                              : ends_with_labels(parent, domain)) {
    return true;
  }
  if (kind == Subtree::kPermitted || domain.starts_with('.')) return false;
  // What is possibly inside: the wildcard may stand for the constraint's own name.
  const std::size_t dot = domain.find('.');
  return dot != std::string_view::npos && equal_ignoring_case(domain.substr(dot + 1), parent);
}

bool mailbox_within(const FormName& name, const FormConstraint& subtree, Subtree kind) {
  if (subtree.local.empty()) {
    // A constraint without '@' names one host; with a leading dot, the hosts below a domain.
    return subtree.text.empty() ||
           (subtree.text.starts_with('.') ? in_domain(name.text, subtree.text)
                                          : equal_ignoring_case(name.text, subtree.text));
  }
  if (name.utf8_local && kind == Subtree::kPermitted) return false;
  // RFC 5280 has local parts depend on case, most mail systems do not: each side errs safely.
  const bool same_local = kind == Subtree::kPermitted
                              ? name.local == subtree.local
                              : equal_ignoring_case(name.local, subtree.local);
  return same_local && equal_ignoring_case(name.text, subtree.text);
}

bool ip_within(BytesView address, BytesView subtree) {
  if (subtree.size() != 2 * address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::uint8_t mask = subtree[address.size() + i];
    if ((address[i] & mask) != (subtree[i] & mask)) return false;
  }
  return true;
}

FormName directory_form(const Name& name) {
  FormName out;
  out.form = Form::kDirectory;
  out.rdns = rdn_keys(name);
  out.shown = "dirName:" + name.to_string();
  return out;
}

}  // namespace

FormName form_name(const GeneralName& name) {
  if (name.kind() == Kind::kDirectory) return directory_form(name.directory_name());
  FormName out;
  out.shown = name.to_string();
  switch (name.kind()) {
    case Kind::kDns:
      out.form = Form::kDns;
      out.text = name.text();
      out.well_formed = is_dns_name(out.text) || is_wildcard_name(out.text);
      break;
    case Kind::kEmail:
      out.form = Form::kEmail;
      split_mailbox(out, name.text());
      break;
    case Kind::kUri:
      out.form = Form::kUri;
      read_uri(out, name.text());
      break;
    case Kind::kIp:
      out.form = Form::kIp;
      out.octets = name.octets();
      break;
    case Kind::kOther:
      read_other(out, name);
      break;
    default:
      out.type = unsupported_type(name.kind());
  }
  return out;
}

FormConstraint form_constraint(const GeneralName& subtree) {
  FormConstraint out;
  switch (subtree.kind()) {
    case Kind::kDns:
    case Kind::kUri:
      out.form = subtree.kind() == Kind::kDns ? Form::kDns : Form::kUri;
      out.text = subtree.text();
      out.well_formed = is_domain_constraint(out.text);
      break;
    case Kind::kEmail:
      out.form = Form::kEmail;
      read_mailbox_constraint(out, subtree.text());
      break;
    case Kind::kIp:
      out.form = Form::kIp;
      out.octets = subtree.octets();
      out.well_formed = is_contiguous(out.octets.last(out.octets.size() / 2));
      break;
    case Kind::kDirectory:
      out.form = Form::kDirectory;
      out.rdns = rdn_keys(subtree.directory_name());
      break;
    case Kind::kOther:
      read_other_constraint(out, subtree);
      break;
    default:
      out.type = unsupported_type(subtree.kind());
  }
  return out;
}

std::vector<FormName> form_names(const Certificate& certificate) {
  std::vector<FormName> out;
  bool has_email = false;
  for (const GeneralName& name : certificate.subject_alt_names()) {
    out.push_back(form_name(name));
    has_email = has_email || out.back().form == Form::kEmail;
  }
  if (certificate.subject().empty()) return out;
  out.push_back(directory_form(certificate.subject()));
  if (has_email) return out;
  for (const Attribute& attribute : certificate.subject().attributes()) {
    if (attribute.type != oids::kEmailAddress) continue;
    FormName name;
    name.form = Form::kEmail;
    name.shown = "emailAddress of the subject";
    // The octets are the text in every string type an address is written in, save BMPString and
    // UniversalString, whose octets are no address and so are refused.
    split_mailbox(name, as_text(attribute.value));
    out.push_back(std::move(name));
  }
  return out;
}

bool within(const FormName& name, const FormConstraint& subtree, Subtree kind) {
  switch (name.form) {
    case Form::kDns:
      return dns_within(name.text, subtree.text, kind);
    case Form::kEmail:
    case Form::kUpn:
      return mailbox_within(name, subtree, kind);
    case Form::kUri:
      // As for e-mail hosts: without a leading dot, one host.
      return subtree.text.empty() ||
             (subtree.text.starts_with('.') ? in_domain(name.text, subtree.text)
                                            : equal_ignoring_case(name.text, subtree.text));
    case Form::kIp:
      return ip_within(name.octets, subtree.octets);
    case Form::kDirectory:
      return subtree.rdns.size() <= name.rdns.size() &&
             std::equal(subtree.rdns.begin(), subtree.rdns.end(), name.rdns.begin());
    case Form::kUnsupported:
      return false;
  }
  return false;
}

}  // namespace chancery::x509::path
