#include <algorithm>

#include "asn1/writer.h"
#include "base/text.h"
#include "x509/charset.h"
#include "x509/name.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

using namespace oids;

struct Rule {
  asn1::Oid type;
  std::uint8_t tag;
  std::size_t max;  // characters
};

// RFC 5280 appendix A.1; ub-organizational-unit-name and others as there, street and UID by X.520.
constexpr Rule kRules[] = {
    {kCommonName, asn1::kUtf8String, 64},
    {kSurname, asn1::kUtf8String, 32768},
    {kSerialNumber, asn1::kPrintableString, 64},
    {kCountry, asn1::kPrintableString, 2},
    {kLocality, asn1::kUtf8String, 128},
    {kState, asn1::kUtf8String, 128},
    {kStreet, asn1::kUtf8String, 128},
    {kOrganization, asn1::kUtf8String, 64},
    {kOrganizationalUnit, asn1::kUtf8String, 64},
    {kTitle, asn1::kUtf8String, 64},
    {kPostalCode, asn1::kUtf8String, 40},
    {kDnQualifier, asn1::kPrintableString, 32768},
    {kPseudonym, asn1::kUtf8String, 128},
    {kDomainComponent, asn1::kIa5String, 63},
    {kEmailAddress, asn1::kIa5String, 255},
};

Rule rule_for(const asn1::Oid& type) {
  const auto* const found = std::ranges::find(kRules, type, &Rule::type);
  return found == std::end(kRules) ? Rule{type, asn1::kUtf8String, 32768} : *found;
}

std::unexpected<Error> refuse(std::string_view detail, const asn1::Oid& type) {
  const std::string_view known = short_name(type);
  return std::unexpected(Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with(
      "attribute", known.empty() ? std::string_view(type.to_string()) : known));
}

Result<void> check_value(const Rule& rule, std::string_view value) {
  if (value.empty()) return refuse("name attribute is empty", rule.type);
  if (!is_valid_utf8(value)) return refuse("name attribute is not UTF-8", rule.type);
  if (has_control_characters(value))
    return refuse("name attribute has control characters", rule.type);
  if (rule.tag == asn1::kPrintableString && !is_printable_string(value)) {
    return refuse(
        "name attribute has characters outside PrintableString (letters, digits, space and "
        "'()+,-./:=?)",
        rule.type);
  }
  if (rule.tag == asn1::kIa5String && !is_ascii(value))
    return refuse("name attribute is not ASCII", rule.type);
  if (rule.type == kCountry && value.size() != 2)
    return refuse("country is not a code of two letters", rule.type);
  if (count_characters(value) > rule.max) {
    return refuse("name attribute is longer than " + std::to_string(rule.max) + " characters",
                  rule.type);
  }
  return {};
}

Result<Bytes> encode_attribute(const asn1::Oid& type, std::string_view value) {
  const Rule rule = rule_for(type);
  TRY(check_value(rule, value));
  asn1::Writer w(value.size() + 24);
  w.sequence([&] {
    w.oid(type.der());
    w.element(rule.tag, value);
  });
  return std::move(w).take();
}

}  // namespace

Result<void> NameBuilder::add(const asn1::Oid& type, std::string_view value) {
  if (count_ >= kMaxNameAttributes) return refuse("name has more than 64 attributes", type);
  Bytes encoded = TRY(encode_attribute(type, value));
  rdns_.emplace_back().push_back(std::move(encoded));
  ++count_;
  return {};
}

Result<void> NameBuilder::add_to_rdn(const asn1::Oid& type, std::string_view value) {
  if (rdns_.empty()) return add(type, value);
  if (count_ >= kMaxNameAttributes) return refuse("name has more than 64 attributes", type);
  Bytes encoded = TRY(encode_attribute(type, value));
  std::vector<Bytes>& rdn = rdns_.back();
  const auto place =
      std::ranges::lower_bound(rdn, encoded);  // SET OF: ascending (X.690 section 11.6)
  if (place != rdn.end() && *place == encoded)
    return refuse("name attribute appears twice in one RDN", type);
  rdn.insert(place, std::move(encoded));
  ++count_;
  return {};
}

Name NameBuilder::build() const {
  if (rdns_.empty()) return {};
  asn1::Writer w(256);
  w.sequence([&] {
    for (const std::vector<Bytes>& rdn : rdns_) {
      w.nest(asn1::kSet, [&] {
        for (const Bytes& attribute : rdn) w.raw(attribute);
      });
    }
  });
  return Name(std::move(w).take());
}

}  // namespace chancery::x509
