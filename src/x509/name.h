#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asn1/oid.h"
#include "asn1/reader.h"
#include "base/bytes.h"

namespace chancery::x509 {

inline constexpr std::size_t kMaxNameAttributes = 64;

// Attribute is one AttributeTypeAndValue; `value` looks into the Name it came from.
struct Attribute {
  asn1::Oid type;
  std::uint8_t tag = 0;  // of the value: asn1::kUtf8String, ...
  BytesView value;       // content octets
  std::size_t rdn = 0;   // which RelativeDistinguishedName it is part of

  // text gives the value as UTF-8, converted from TeletexString (as Latin-1), BMPString and
  // UniversalString; nothing for other types.
  [[nodiscard]] std::optional<std::string> text() const;
};

// Name is a distinguished name (RFC 5280 section 4.1.2.4), owned as the exact DER it had or will
// have. Immutable value.
class Name {
 public:
  // The empty name.
  Name() = default;

  // from_der takes a whole RDNSequence element. It checks the structure, that strings hold only
  // characters of their type (PrintableString may also hold '*' and '&', as deployed certificates
  // do), and the bound on attributes; it does not check lengths nor the order inside an RDN.
  // Errors: kMalformed, kTooLarge.
  [[nodiscard]] static Result<Name> from_der(BytesView whole);
  // parse reads RFC 4514 text ("CN=a\,b+OU=x,O=Example"): the attribute names that to_string
  // writes, in any case, or dotted OIDs; values encoded as NameBuilder does; "#hex" is not
  // accepted. White space around '=' and separators is dropped; a '/'-separated OpenSSL form is not
  // accepted. Errors: kMalformed (syntax), kInvalidArgument (unknown attribute, value).
  [[nodiscard]] static Result<Name> parse(std::string_view rfc4514);

  [[nodiscard]] BytesView der() const;
  [[nodiscard]] bool empty() const { return der_.empty(); }

  // attributes lists the attributes in order of encoding; the views live as long as this Name.
  [[nodiscard]] std::vector<Attribute> attributes() const;
  // first and all give the text of attributes of this type, in order of encoding.
  [[nodiscard]] std::optional<std::string> first(const asn1::Oid& type) const;
  [[nodiscard]] std::vector<std::string> all(const asn1::Oid& type) const;

  // to_string writes RFC 4514: last RDN first, "CN=a\,b,O=Example,C=DE"; unknown types as
  // "1.2.3=#0c01...".
  [[nodiscard]] std::string to_string() const;

  // Equal means the same DER; matches is the comparison for chaining.
  friend bool operator==(const Name&, const Name&) = default;

 private:
  friend class NameBuilder;
  explicit Name(Bytes der) : der_(std::move(der)) {}
  Bytes der_;  // empty for the empty name
};

// matches compares for name chaining (RFC 5280 section 7.1): equal DER; or attribute by attribute,
// PrintableString and UTF8String without regard to ASCII case and runs of spaces, other types
// exactly. The order of attributes inside an RDN matters. It folds no case outside ASCII.
[[nodiscard]] bool matches(const Name& a, const Name& b);

// short_name gives "CN", "O", ...; "" when the attribute has none here. attribute_type is the
// reverse and ignores case.
[[nodiscard]] std::string_view short_name(const asn1::Oid& type);
[[nodiscard]] std::optional<asn1::Oid> attribute_type(std::string_view short_name);

// NameBuilder makes a Name out of texts. countryName, serialNumber and dnQualifier become
// PrintableString, domainComponent and emailAddress IA5String, the rest UTF8String.
class NameBuilder {
 public:
  // add starts a new RDN with one attribute. Errors: kInvalidArgument: empty value, text that is
  // not UTF-8 or has control characters, characters the type lacks, a value over the upper bound of
  // RFC 5280 appendix A (64 characters for CN, O, OU, title, serialNumber; 128 for L, ST, street; 2
  // for C; 255 for emailAddress; 32,768 else), too many attributes. The attribute's name is in
  // Error::where.
  [[nodiscard]] Result<void> add(const asn1::Oid& type, std::string_view value);
  // add_to_rdn puts the attribute into the last RDN (a multi-valued RDN) instead. Errors: as add.
  [[nodiscard]] Result<void> add_to_rdn(const asn1::Oid& type, std::string_view value);
  [[nodiscard]] Name build() const;

 private:
  std::vector<std::vector<Bytes>> rdns_;  // encoded AttributeTypeAndValue elements
  std::size_t count_ = 0;
};

}  // namespace chancery::x509
