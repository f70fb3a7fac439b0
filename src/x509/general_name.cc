#include "x509/general_name.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "x509/charset.h"
#include "x509/idn.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

using Kind = GeneralName::Kind;

std::uint8_t tag_of(Kind kind) {
  const auto number = static_cast<unsigned>(kind);
  switch (kind) {
    case Kind::kOther:
    case Kind::kX400Address:
    case Kind::kDirectory:
    case Kind::kEdiParty:
      return asn1::context_constructed(number);
    default:
      return asn1::context(number);
  }
}

std::string to_string_content(BytesView bytes) { return std::string(as_text(bytes)); }

// RFC 9598 section 3: a local part outside ASCII (else it is an rfc822Name) at a domain of
// lower-case LDH labels, U-labels as A-labels; no byte order mark.
bool is_smtp_utf8_mailbox(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  const std::string_view domain = text.substr(at + 1);
  return is_valid_utf8(text) && !has_control_characters(text) && !text.contains("\xef\xbb\xbf") &&
         !is_ascii(text.substr(0, at)) && is_ascii(domain) && to_lower(domain) == domain &&
         !domain.contains(' ');
}

Result<void> check_other(asn1::Reader in) {
  const BytesView type = TRY(in.read_oid());
  (void)TRY(asn1::Oid::from_der(type));
  asn1::Reader value = TRY(in.enter(asn1::context_constructed(0)));
  TRY(in.finish());
  if (oids::kSmtpUtf8Mailbox.is(type)) {
    const BytesView mailbox = TRY(value.read(asn1::kUtf8String));
    // Deployed ones have ASCII local parts and U-labels, too (RFC 8398); we write none.
    if (!is_valid_utf8(as_text(mailbox)) || has_control_characters(as_text(mailbox)))
      return value.error("SmtpUTF8Mailbox is not a text");
    return value.finish();
  }
  (void)TRY(value.next());
  return value.finish();
}

Result<void> check_content(Kind kind, const asn1::Reader& at, BytesView content, IpForm form) {
  switch (kind) {
    case Kind::kOther:
      return check_other(asn1::Reader(content));
    case Kind::kEmail:
    case Kind::kDns:
    case Kind::kUri:
      if (!is_ascii(as_text(content))) return at.error("general name is not ASCII");
      if (has_control_characters(as_text(content)))
        return at.error("general name has control characters");
      return {};
    case Kind::kDirectory:
      (void)TRY(Name::from_der(content));
      return {};
    case Kind::kIp: {
      const std::size_t unit = form == IpForm::kAddress ? 4 : 8;
      if (content.size() != unit && content.size() != 4 * unit)
        return at.error("IP address has a wrong size");
      return {};
    }
    case Kind::kX400Address:
    case Kind::kEdiParty:
    case Kind::kRegisteredId:
      return {};
  }
  return {};
}

Result<GeneralName> refuse_text(std::string_view what, std::string_view text) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::string(what), {}, {}}.with("value", printable(text)));
}

// What to write instead of a name outside ASCII, or "".
std::string ascii_form(Kind kind, std::string_view text) {
  if (kind == Kind::kDns) return a_label_form(text);
  const std::size_t at = text.rfind('@');
  if (kind != Kind::kEmail || at == std::string_view::npos) return "";
  const std::string domain = a_label_form(text.substr(at + 1));
  if (domain.empty()) return "";
  const bool plain = is_ascii(text.substr(0, at));
  return (plain ? "" : "SmtpUTF8:") + std::string(text.substr(0, at)) + "@" + domain;
}

Result<void> check_text(Kind kind, std::string_view text) {
  const bool clean =
      is_ascii(text) && !has_control_characters(text) && text.find(' ') == std::string_view::npos;
  if (!text.empty() && clean) return {};
  std::string detail =
      text.empty() ? "name is empty" : "name has characters other than printable ASCII";
  if (const std::string instead = ascii_form(kind, text); !instead.empty())
    detail += "; write \"" + instead + "\"";
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("value", printable(text)));
}

Result<GeneralName> parse_ip_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto address = parse_ip(text.substr(0, slash));
  if (!address) return refuse_text("not an IP address", text);
  if (slash == std::string_view::npos) return GeneralName::ip(*address);
  const std::string_view digits = text.substr(slash + 1);
  const std::size_t bits = address->size() * 8;
  std::size_t prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc() || end != digits.data() + digits.size() || prefix > bits) {
    return refuse_text("not an IP prefix length", text);
  }
  for (std::size_t at = 0; at < bits; at += 8) {
    const std::size_t ones = prefix > at ? std::min<std::size_t>(8, prefix - at) : 0;
    address->push_back(static_cast<std::uint8_t>(0xff00U >> ones));
  }
  return GeneralName::ip(*address);
}

Result<GeneralName> utf8_other(const asn1::Oid& type, std::string_view text) {
  if (text.empty() || !is_valid_utf8(text))
    return refuse_text("other name is empty or not UTF-8", text);
  asn1::Writer w(text.size() + 8);
  w.element(asn1::kUtf8String, text);
  return GeneralName::other(type, w.view());
}

Result<GeneralName> smtp_utf8(std::string_view mailbox) {
  if (!is_smtp_utf8_mailbox(mailbox)) {
    return refuse_text(
        "not an SmtpUTF8Mailbox: it has a local part outside ASCII, '@' and a lower-case domain "
        "with A-labels (RFC 9598)",
        mailbox);
  }
  return utf8_other(oids::kSmtpUtf8Mailbox, mailbox);
}

Result<GeneralName> parse_other(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  const auto type = asn1::Oid::parse(text.substr(0, semicolon));
  if (!type || semicolon == std::string_view::npos)
    return refuse_text("not of the form otherName:OID;UTF8:text", text);
  std::string_view value = text.substr(semicolon + 1);
  if (value.size() < 5 || !equal_ignoring_case(value.substr(0, 5), "UTF8:")) {
    return refuse_text("not of the form otherName:OID;UTF8:text", text);
  }
  return utf8_other(*type, value.substr(5));
}

}  // namespace

Result<GeneralName> GeneralName::dns(std::string_view name) {
  TRY(check_text(Kind::kDns, name));
  return GeneralName(Kind::kDns, std::string(name));
}

Result<GeneralName> GeneralName::email(std::string_view mailbox) {
  TRY(check_text(Kind::kEmail, mailbox));
  return GeneralName(Kind::kEmail, std::string(mailbox));
}

Result<GeneralName> GeneralName::uri(std::string_view text) {
  TRY(check_text(Kind::kUri, text));
  return GeneralName(Kind::kUri, std::string(text));
}

Result<GeneralName> GeneralName::ip(BytesView octets) {
  const std::size_t size = octets.size();
  if (size != 4 && size != 16 && size != 8 && size != 32) {
    return fail(Code::kInvalidArgument, "IP address is not 4 or 16 octets (with a mask, 8 or 32)");
  }
  return GeneralName(Kind::kIp, to_string_content(octets));
}

GeneralName GeneralName::directory(const Name& name) {
  return {Kind::kDirectory, to_string_content(name.der())};
}

Result<GeneralName> GeneralName::other(const asn1::Oid& type, BytesView value_der) {
  asn1::Reader value(value_der);
  (void)TRY(value.next());
  TRY(value.finish());
  asn1::Writer w(value_der.size() + 64);
  w.oid(type.der());
  w.element(asn1::context_constructed(0), value_der);
  return GeneralName(Kind::kOther, to_string_content(w.view()));
}

GeneralName GeneralName::registered_id(const asn1::Oid& id) {
  return {Kind::kRegisteredId, to_string_content(id.der())};
}

Result<GeneralName> GeneralName::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return refuse_text("name has no type, such as DNS: or IP:", text);
  const std::string label = to_lower(trim(text.substr(0, colon)));
  const std::string_view value = trim(text.substr(colon + 1));
  if (label == "dns") return dns(value);
  if (label == "email" || label == "rfc822") return email(value);
  if (label == "uri") return uri(value);
  if (label == "ip" || label == "ip address") return parse_ip_name(value);
  if (label == "upn") return utf8_other(oids::kUserPrincipalName, value);
  if (label == "smtputf8") return smtp_utf8(value);
  if (label == "othername") return parse_other(value);
  if (label == "dirname") return directory(TRY(Name::parse(value)));
  if (label != "rid")
    return refuse_text(
        "unknown type of name; known are DNS, IP, email, SmtpUTF8, URI, UPN, RID, dirName, "
        "otherName",
        text);
  const auto id = asn1::Oid::parse(value);
  if (!id) return refuse_text("not an object identifier", value);
  return registered_id(*id);
}

std::string_view GeneralName::text() const {
  return kind_ == Kind::kDns || kind_ == Kind::kEmail || kind_ == Kind::kUri
             ? std::string_view(content_)
             : std::string_view();
}

BytesView GeneralName::octets() const {
  return kind_ == Kind::kIp ? as_bytes(content_) : BytesView();
}

Name GeneralName::directory_name() const {
  return kind_ == Kind::kDirectory ? Name::from_der(as_bytes(content_)).value_or(Name()) : Name();
}

asn1::Oid GeneralName::type_id() const {
  if (kind_ == Kind::kRegisteredId)
    return asn1::Oid::from_der(as_bytes(content_)).value_or(asn1::Oid());
  if (kind_ != Kind::kOther) return {};
  asn1::Reader in(as_bytes(content_));
  const auto type = in.read_oid();
  return type ? asn1::Oid::from_der(*type).value_or(asn1::Oid()) : asn1::Oid();
}

BytesView GeneralName::value_der() const {
  if (kind_ != Kind::kOther) return {};
  asn1::Reader in(as_bytes(content_));
  if (!in.read_oid()) return {};
  return in.read(asn1::context_constructed(0)).value_or(BytesView());
}

void GeneralName::write(asn1::Writer& out) const {
  out.element(tag_of(kind_), std::string_view(content_));
}

std::string GeneralName::to_string() const {
  switch (kind_) {
    case Kind::kDns:
      return "DNS:" + content_;
    case Kind::kEmail:
      return "email:" + content_;
    case Kind::kUri:
      return "URI:" + content_;
    case Kind::kIp:
      return "IP:" + ip_to_string(octets());
    case Kind::kDirectory:
      return "dirName:" + directory_name().to_string();
    case Kind::kRegisteredId:
      return "RID:" + type_id().to_string();
    case Kind::kX400Address:
      return "X400:#" + hex(as_bytes(content_));
    case Kind::kEdiParty:
      return "EDI:#" + hex(as_bytes(content_));
    case Kind::kOther:
      break;
  }
  asn1::Reader value(value_der());
  const auto text = value.read(asn1::kUtf8String);
  const bool readable =
      text && is_valid_utf8(as_text(*text)) && !has_control_characters(as_text(*text));
  if (readable && type_id() == oids::kUserPrincipalName) return "UPN:" + to_string_content(*text);
  if (readable && type_id() == oids::kSmtpUtf8Mailbox)
    return "SmtpUTF8:" + to_string_content(*text);
  const std::string prefix = "otherName:" + type_id().to_string() + ";";
  return readable ? prefix + "UTF8:" + to_string_content(*text) : prefix + "#" + hex(value_der());
}

Result<GeneralName> read_general_name(asn1::Reader& in, IpForm form) {
  asn1::Reader at = in;
  const asn1::Element element = TRY(in.next());
  const auto kind = static_cast<Kind>(element.tag & 0x1f);
  if (kind > Kind::kRegisteredId || element.tag != tag_of(kind))
    return at.error("general name has an unknown type");
  if (kind == Kind::kRegisteredId) {
    const BytesView id = TRY(at.read_oid(element.tag));
    (void)TRY(asn1::Oid::from_der(id));
  }
  TRY(check_content(kind, at, element.content, form));
  return GeneralName(kind, to_string_content(element.content));
}

Result<std::vector<GeneralName>> read_general_names(asn1::Reader in) {
  std::vector<GeneralName> names;
  if (in.empty()) return in.error("list of general names is empty");
  while (!in.empty()) {
    if (names.size() == kMaxGeneralNames)
      return in.error("more than 2000 general names", Code::kTooLarge);
    names.push_back(TRY(read_general_name(in)));
  }
  return names;
}

void write_general_names(asn1::Writer& out, std::span<const GeneralName> names, std::uint8_t tag) {
  out.nest(tag, [&] {
    for (const GeneralName& name : names) name.write(out);
  });
}

}  // namespace chancery::x509
