#include <algorithm>

#include "asn1/writer.h"
#include "base/text.h"
#include "x509/charset.h"
#include "x509/name.h"
#include "x509/oids.h"

// Distinguished names as text (RFC 4514).
namespace chancery::x509 {
namespace {

struct ShortName {
  asn1::Oid type;
  std::string_view name;
};

constexpr ShortName kShortNames[] = {
    {oids::kCommonName, "CN"},
    {oids::kSurname, "SN"},
    {oids::kSerialNumber, "serialNumber"},
    {oids::kCountry, "C"},
    {oids::kLocality, "L"},
    {oids::kState, "ST"},
    {oids::kStreet, "STREET"},
    {oids::kOrganization, "O"},
    {oids::kOrganizationalUnit, "OU"},
    {oids::kTitle, "title"},
    {oids::kBusinessCategory, "businessCategory"},
    {oids::kPostalCode, "postalCode"},
    {oids::kName, "name"},
    {oids::kGivenName, "GN"},
    {oids::kInitials, "initials"},
    {oids::kGenerationQualifier, "generationQualifier"},
    {oids::kDnQualifier, "dnQualifier"},
    {oids::kPseudonym, "pseudonym"},
    {oids::kOrganizationIdentifier, "organizationIdentifier"},
    {oids::kUserId, "UID"},
    {oids::kDomainComponent, "DC"},
    {oids::kEmailAddress, "emailAddress"},
};

void append_hex_escape(std::string& out, char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  out += '\\' + hex(BytesView(&byte, 1));
}

std::string escaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool outer_space = c == ' ' && (i == 0 || i + 1 == value.size());
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      append_hex_escape(out, c);
      continue;
    }
    if (outer_space || (c == '#' && i == 0) ||
        std::string_view("\"+,;<>\\").find(c) != std::string_view::npos) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string attribute_to_string(const Attribute& attribute) {
  const std::string_view known = short_name(attribute.type);
  const std::optional<std::string> text = attribute.text();
  if (!known.empty() && text) return std::string(known) + "=" + escaped(*text);
  asn1::Writer w(attribute.value.size() + 8);
  w.element(attribute.tag, attribute.value);
  return attribute.type.to_string() + "=#" + hex(w.view());
}

// One "type=value" of the text, unescaped.
struct Piece {
  asn1::Oid type;
  std::string value;
  bool joins_previous = false;  // stood behind '+'
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Piece>> parse() {
    std::vector<Piece> pieces;
    bool joins = false;
    while (true) {
      Piece piece{TRY(read_type()), TRY(read_value()), joins};
      pieces.push_back(std::move(piece));
      if (at_ == text_.size()) return pieces;
      joins = text_[at_++] == '+';
    }
  }

 private:
  Result<asn1::Oid> read_type() {
    const std::size_t equals = text_.find('=', at_);
    if (equals == std::string_view::npos) {
      return fail(Code::kMalformed, "distinguished name is not of the form CN=name,O=organization");
    }
    const std::string_view type = trim(text_.substr(at_, equals - at_));
    at_ = equals + 1;
    if (const auto known = attribute_type(type)) return *known;
    if (auto oid = asn1::Oid::parse(type)) return *std::move(oid);
    return std::unexpected(Error{Code::kInvalidArgument, "unknown name attribute", {}, {}}.with(
        "attribute", printable(type)));
  }

  Result<std::string> read_value() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ < text_.size() && text_[at_] == '#')
      return fail(Code::kMalformed, "hexadecimal name values are not accepted");
    std::string value;
    std::size_t keep = 0;  // escaped spaces at the end stay
    while (at_ < text_.size() && !is_separator(text_[at_])) {
      if (text_[at_] == '\\') {
        value.push_back(TRY(read_escape()));
        keep = value.size();
      } else {
        value.push_back(text_[at_++]);
        if (value.back() != ' ') keep = value.size();
      }
    }
    value.resize(keep);
    return value;
  }

  Result<char> read_escape() {
    if (at_ + 1 >= text_.size())
      return fail(Code::kMalformed, "distinguished name ends in a backslash");
    if (at_ + 2 < text_.size()) {
      if (const auto byte = parse_hex(text_.substr(at_ + 1, 2)); byte && byte->size() == 1) {
        at_ += 3;
        return static_cast<char>(byte->front());
      }
    }
    const char c = text_[at_ + 1];
    if (std::string_view(" \"#+,;<=>\\").find(c) == std::string_view::npos) {
      return fail(Code::kMalformed, "distinguished name escapes a character that needs none");
    }
    at_ += 2;
    return c;
  }

  static bool is_separator(char c) { return c == ',' || c == '+' || c == ';'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view short_name(const asn1::Oid& type) {
  const auto* const found = std::ranges::find(kShortNames, type, &ShortName::type);
  return found == std::end(kShortNames) ? std::string_view{} : found->name;
}

std::optional<asn1::Oid> attribute_type(std::string_view short_name) {
  for (const ShortName& known : kShortNames) {
    if (equal_ignoring_case(known.name, short_name)) return known.type;
  }
  if (equal_ignoring_case(short_name, "S")) return oids::kState;
  if (equal_ignoring_case(short_name, "E") || equal_ignoring_case(short_name, "email"))
    return oids::kEmailAddress;
  return std::nullopt;
}

std::string Name::to_string() const {
  std::string out;
  const std::vector<Attribute> list = attributes();
  for (std::size_t end = list.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && list[begin - 1].rdn == list[end - 1].rdn) --begin;
    if (!out.empty()) out += ',';
    for (std::size_t i = begin; i < end; ++i) {
      if (i > begin) out += '+';
      out += attribute_to_string(list[i]);
    }
    end = begin;
  }
  return out;
}

Result<Name> Name::parse(std::string_view rfc4514) {
  if (trim(rfc4514).empty()) return Name();
  const std::vector<Piece> pieces = TRY(Parser(rfc4514).parse());
  NameBuilder builder;
  for (std::size_t end = pieces.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (pieces[begin].joins_previous) --begin;
    TRY(builder.add(pieces[begin].type, pieces[begin].value));
    for (std::size_t i = begin + 1; i < end; ++i)
      TRY(builder.add_to_rdn(pieces[i].type, pieces[i].value));
    end = begin;
  }
  return builder.build();
}

}  // namespace chancery::x509
