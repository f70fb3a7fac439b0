#include <limits>

#include "x509/charset.h"
#include "x509/crl.h"
#include "x509/extensions.h"
#include "x509/oids.h"

// Decoding of extension values (RFC 5280 section 4.2 and 5.2).
namespace chancery::x509 {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Reader;

// Steps into a value that is one SEQUENCE and nothing else.
Result<Reader> only_sequence(BytesView value) {
  Reader in(value);
  const Reader content = TRY(in.enter_sequence());
  TRY(in.finish());
  return content;
}

// Bit n of a named bit list as 1 << n. Trailing zero bits are tolerated, as old encoders write
// them.
Result<std::uint16_t> read_named_bits(Reader& in, std::uint8_t tag, unsigned known) {
  const asn1::BitString string = TRY(in.read_bit_string(tag));
  if (string.bytes.size() > 2) return in.error("named bit list is too long");
  unsigned bits = 0;
  for (unsigned n = 0; n < string.bytes.size() * 8; ++n) {
    if ((string.bytes[n / 8] & (0x80U >> (n % 8))) != 0) bits |= 1U << n;
  }
  if (bits >> known != 0) return in.error("named bit list has unknown bits");
  return static_cast<std::uint16_t>(bits);
}

Result<std::vector<GeneralName>> read_names_in(Reader& in, std::uint8_t tag) {
  const Reader names = TRY(in.enter(tag));
  return read_general_names(names);
}

template <class T, class ReadOne>
Result<std::vector<T>> read_list(Reader in, ReadOne read_one) {
  std::vector<T> out;
  if (in.empty()) return in.error("list is empty");
  while (!in.empty()) {
    if (out.size() == kMaxExtensionItems) return in.error("more than 256 items", Code::kTooLarge);
    out.push_back(TRY(read_one(in)));
  }
  return out;
}

Result<asn1::Oid> read_oid(Reader& in) {
  const BytesView content = TRY(in.read_oid());
  return asn1::Oid::from_der(content);
}

Result<AccessDescription> read_access_description(Reader& list) {
  Reader in = TRY(list.enter_sequence());
  const asn1::Oid method = TRY(read_oid(in));
  AccessDescription out{method, TRY(read_general_name(in))};
  TRY(in.finish());
  return out;
}

Result<void> read_point_name(DistributionPoint& point, Reader& in) {
  Reader name = TRY(in.enter(context_constructed(0)));
  if (name.next_is(context_constructed(0))) {
    point.full_name = TRY(read_names_in(name, context_constructed(0)));
  } else {
    point.relative_name = TRY(name.read(context_constructed(1)));
  }
  return name.finish();
}

Result<DistributionPoint> read_distribution_point(Reader& list) {
  Reader in = TRY(list.enter_sequence());
  DistributionPoint point;
  if (in.next_is(context_constructed(0))) TRY(read_point_name(point, in));
  if (in.next_is(context(1))) point.reasons = TRY(read_named_bits(in, context(1), 9));
  if (in.next_is(context_constructed(2))) {
    point.crl_issuer = TRY(read_names_in(in, context_constructed(2)));
  }
  TRY(in.finish());
  return point;
}

// UserNotice ::= SEQUENCE { noticeRef OPTIONAL, explicitText OPTIONAL }
Result<std::string> read_user_notice(Reader& in) {
  Reader notice = TRY(in.enter_sequence());
  if (notice.next_is(asn1::kSequence)) (void)TRY(notice.next());
  std::string text;
  if (!notice.empty()) {
    const asn1::Element element = TRY(notice.next());
    auto utf8 = string_to_utf8(element.tag, element.content);
    if (!utf8 || !fits_string_type(element.tag, element.content))
      return notice.error("user notice is not a text");
    text = *std::move(utf8);
  }
  TRY(notice.finish());
  return text;
}

Result<void> read_policy_qualifier(PolicyInformation& policy, Reader& list) {
  Reader in = TRY(list.enter_sequence());
  const asn1::Oid id = TRY(read_oid(in));
  if (id == oids::kCpsQualifier) {
    const BytesView uri = TRY(in.read(asn1::kIa5String));
    if (!is_ascii(as_text(uri)) || has_control_characters(as_text(uri)))
      return in.error("CPS URI is not ASCII");
    policy.cps_uris.emplace_back(as_text(uri));
  } else if (id == oids::kUserNoticeQualifier) {
    policy.user_notices.push_back(TRY(read_user_notice(in)));
  } else {
    (void)TRY(in.next());
  }
  return in.finish();
}

Result<PolicyInformation> read_policy(Reader& list) {
  Reader in = TRY(list.enter_sequence());
  PolicyInformation policy;
  policy.id = TRY(read_oid(in));
  if (!in.empty()) {
    Reader qualifiers = TRY(in.enter_sequence());
    if (qualifiers.empty()) return qualifiers.error("list of policy qualifiers is empty");
    while (!qualifiers.empty()) TRY(read_policy_qualifier(policy, qualifiers));
  }
  TRY(in.finish());
  return policy;
}

Result<std::vector<GeneralName>> read_subtrees(Reader& outer, std::uint8_t tag) {
  Reader list = TRY(outer.enter(tag));
  std::vector<GeneralName> out;
  if (list.empty()) return list.error("list of name constraints is empty");
  while (!list.empty()) {
    if (out.size() == kMaxGeneralNames)
      return list.error("more than 2000 name constraints", Code::kTooLarge);
    Reader in = TRY(list.enter_sequence());
    out.push_back(TRY(read_general_name(in, IpForm::kAddressAndMask)));
    if (!in.empty()) return in.error("name constraint has a minimum or maximum");
  }
  return out;
}

Result<PolicyMapping> read_policy_mapping(Reader& list) {
  Reader in = TRY(list.enter_sequence());
  PolicyMapping mapping;
  mapping.issuer = TRY(read_oid(in));
  mapping.subject = TRY(read_oid(in));
  TRY(in.finish());
  return mapping;
}

// SkipCerts ::= INTEGER (0..MAX); a path has no 2^31 certificates.
Result<std::uint32_t> read_skip_certificates(Reader& in, std::uint8_t tag = asn1::kInteger) {
  const std::int64_t count = TRY(in.read_int64(tag));
  if (count < 0 || count > std::numeric_limits<std::int32_t>::max())
    return in.error("number of certificates to skip is out of range");
  return static_cast<std::uint32_t>(count);
}

Result<std::uint16_t> read_tls_feature(Reader& list) {
  const std::int64_t feature = TRY(list.read_int64());
  if (feature < 0 || feature > std::numeric_limits<std::uint16_t>::max())
    return list.error("TLS feature is no TLS extension number");
  return static_cast<std::uint16_t>(feature);
}

Result<bool> read_flag(Reader& in, unsigned number) {
  if (!in.next_is(context(number))) return false;
  const BytesView content = TRY(in.read(context(number)));
  if (content.size() != 1 || content[0] != 0xff)
    return in.error("flag of the issuing distribution point is not TRUE");
  return true;
}

}  // namespace

Result<KeyUsage> read_key_usage(BytesView value) {
  Reader in(value);
  const std::uint16_t bits = TRY(read_named_bits(in, asn1::kBitString, 9));
  TRY(in.finish());
  return KeyUsage::from_bits(bits);
}

Result<std::vector<asn1::Oid>> read_extended_key_usage(BytesView value) {
  return read_list<asn1::Oid>(TRY(only_sequence(value)), read_oid);
}

Result<BasicConstraints> read_basic_constraints(BytesView value) {
  Reader in = TRY(only_sequence(value));
  BasicConstraints out;
  if (in.next_is(asn1::kBoolean)) {
    out.ca = TRY(in.read_boolean());
    if (!out.ca) return in.error("basic constraints write out their default, cA FALSE");
  }
  if (in.next_is(asn1::kInteger)) {
    const std::int64_t length = TRY(in.read_int64());
    if (length < 0 || length > std::numeric_limits<std::int32_t>::max()) {
      return in.error("path length is out of range");
    }
    out.path_length = static_cast<std::uint32_t>(length);
  }
  TRY(in.finish());
  return out;
}

Result<BytesView> read_subject_key_id(BytesView value) {
  Reader in(value);
  const BytesView id = TRY(in.read_octet_string());
  TRY(in.finish());
  return id;
}

Result<AuthorityKeyIdentifier> read_authority_key_id(BytesView value) {
  Reader in = TRY(only_sequence(value));
  AuthorityKeyIdentifier out;
  out.key_id = TRY(in.read_optional(context(0)));
  if (in.next_is(context_constructed(1)))
    out.issuer = TRY(read_names_in(in, context_constructed(1)));
  if (in.next_is(context(2))) out.serial = TRY(in.read_integer(context(2)));
  TRY(in.finish());
  return out;
}

Result<std::vector<GeneralName>> read_subject_alt_name(BytesView value) {
  return read_general_names(TRY(only_sequence(value)));
}

Result<std::vector<AccessDescription>> read_authority_info_access(BytesView value) {
  return read_list<AccessDescription>(TRY(only_sequence(value)), read_access_description);
}

Result<std::vector<DistributionPoint>> read_crl_distribution_points(BytesView value) {
  return read_list<DistributionPoint>(TRY(only_sequence(value)), read_distribution_point);
}

Result<std::vector<PolicyInformation>> read_certificate_policies(BytesView value) {
  return read_list<PolicyInformation>(TRY(only_sequence(value)), read_policy);
}

Result<NameConstraints> read_name_constraints(BytesView value) {
  Reader in = TRY(only_sequence(value));
  if (in.empty()) return in.error("name constraints are empty");
  NameConstraints out;
  if (in.next_is(context_constructed(0)))
    out.permitted = TRY(read_subtrees(in, context_constructed(0)));
  if (in.next_is(context_constructed(1)))
    out.excluded = TRY(read_subtrees(in, context_constructed(1)));
  TRY(in.finish());
  return out;
}

Result<std::vector<PolicyMapping>> read_policy_mappings(BytesView value) {
  return read_list<PolicyMapping>(TRY(only_sequence(value)), read_policy_mapping);
}

Result<PolicyConstraints> read_policy_constraints(BytesView value) {
  Reader in = TRY(only_sequence(value));
  if (in.empty()) return in.error("policy constraints are empty");
  PolicyConstraints out;
  if (in.next_is(context(0)))
    out.require_explicit_policy = TRY(read_skip_certificates(in, context(0)));
  if (in.next_is(context(1)))
    out.inhibit_policy_mapping = TRY(read_skip_certificates(in, context(1)));
  TRY(in.finish());
  return out;
}

Result<std::uint32_t> read_inhibit_any_policy(BytesView value) {
  Reader in(value);
  const std::uint32_t count = TRY(read_skip_certificates(in));
  TRY(in.finish());
  return count;
}

Result<std::vector<std::uint16_t>> read_tls_features(BytesView value) {
  return read_list<std::uint16_t>(TRY(only_sequence(value)), read_tls_feature);
}

Result<void> read_no_revocation_available(BytesView value) {
  Reader in(value);
  TRY(in.read_null());
  return in.finish();
}

Result<CrlScope> read_issuing_distribution_point(BytesView value) {
  Reader in = TRY(only_sequence(value));
  if (in.empty()) return in.error("issuing distribution point is empty");
  CrlScope scope;
  if (in.next_is(context_constructed(0))) {
    DistributionPoint point;
    TRY(read_point_name(point, in));
    scope.full_name = std::move(point.full_name);
    scope.relative_name = point.relative_name;
  }
  scope.only_contains_user_certs = TRY(read_flag(in, 1));
  scope.only_contains_ca_certs = TRY(read_flag(in, 2));
  if (in.next_is(context(3))) scope.only_some_reasons = TRY(read_named_bits(in, context(3), 9));
  scope.indirect_crl = TRY(read_flag(in, 4));
  scope.only_contains_attribute_certs = TRY(read_flag(in, 5));
  TRY(in.finish());
  if (scope.only_contains_user_certs + scope.only_contains_ca_certs +
          scope.only_contains_attribute_certs >
      1)
    return in.error("issuing distribution point has two scopes that exclude each other");
  return scope;
}

Result<BytesView> read_crl_number(BytesView value) {
  Reader in(value);
  const BytesView number = TRY(in.read_integer());
  if ((number[0] & 0x80) != 0 || number.size() > 21)
    return in.error("CRL number is negative or over 20 octets");
  TRY(in.finish());
  return number;
}

Result<ReasonCode> read_reason_code(BytesView value) {
  Reader in(value);
  const std::int64_t number = TRY(in.read_int64(asn1::kEnumerated));
  TRY(in.finish());
  const auto reason = reason_code_from_int(number);
  if (!reason) return in.error("revocation reason is unknown");
  return *reason;
}

Result<TimePoint> read_invalidity_date(BytesView value) {
  Reader in(value);
  const TimePoint time = TRY(in.read_generalized_time());
  TRY(in.finish());
  return time;
}

}  // namespace chancery::x509
