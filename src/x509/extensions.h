#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asn1/oid.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/time.h"
#include "x509/general_name.h"

namespace chancery::x509 {

inline constexpr std::size_t kMaxExtensions = 64;
inline constexpr std::size_t kMaxExtensionItems =
    256;  // purposes, policies, access descriptions, ...

// Extension is one entry of an Extensions list; `value` is the DER inside the OCTET STRING and
// looks into memory that its owner (a certificate, a caller's buffer) keeps.
struct Extension {
  asn1::Oid id;
  bool critical = false;
  BytesView value;
};

enum class Criticality : std::uint8_t { kNonCritical, kCritical };

// The numbers are the bit positions of RFC 5280 section 4.2.1.3.
enum class KeyUsageBit : std::uint8_t {
  kDigitalSignature = 0,
  kContentCommitment = 1,  // nonRepudiation
  kKeyEncipherment = 2,
  kDataEncipherment = 3,
  kKeyAgreement = 4,
  kKeyCertSign = 5,
  kCrlSign = 6,
  kEncipherOnly = 7,
  kDecipherOnly = 8,
};

// KeyUsage is a set of KeyUsageBit.
class KeyUsage {
 public:
  constexpr KeyUsage() = default;
  constexpr KeyUsage(std::initializer_list<KeyUsageBit> bits) {
    for (const KeyUsageBit bit : bits) add(bit);
  }
  constexpr void add(KeyUsageBit bit) { bits_ = static_cast<std::uint16_t>(bits_ | mask(bit)); }
  constexpr void remove(KeyUsageBit bit) { bits_ = static_cast<std::uint16_t>(bits_ & ~mask(bit)); }
  [[nodiscard]] constexpr bool has(KeyUsageBit bit) const { return (bits_ & mask(bit)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  // bits has bit position n at 1 << n.
  [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
  [[nodiscard]] static constexpr KeyUsage from_bits(std::uint16_t bits) {
    KeyUsage usage;
    usage.bits_ = bits & 0x1ff;
    return usage;
  }
  friend constexpr bool operator==(KeyUsage, KeyUsage) = default;

 private:
  static constexpr unsigned mask(KeyUsageBit bit) { return 1U << static_cast<unsigned>(bit); }
  std::uint16_t bits_ = 0;
};

// name gives RFC 5280's name ("digitalSignature"); key_usage_bit is the reverse, ignores case and
// also takes "nonRepudiation" and "certSign".
[[nodiscard]] std::string_view name(KeyUsageBit bit);
[[nodiscard]] std::optional<KeyUsageBit> key_usage_bit(std::string_view name);
// to_string lists the names separated by ", ".
[[nodiscard]] std::string to_string(KeyUsage usage);

struct BasicConstraints {
  bool ca = false;
  std::optional<std::uint32_t> path_length;

  friend bool operator==(const BasicConstraints&, const BasicConstraints&) = default;
};

// The views look into the parsed DER.
struct AuthorityKeyIdentifier {
  std::optional<BytesView> key_id;
  std::vector<GeneralName> issuer;
  std::optional<BytesView> serial;
};

struct AccessDescription {
  asn1::Oid method;
  GeneralName location;
};

struct DistributionPoint {
  std::vector<GeneralName> full_name;
  std::optional<BytesView> relative_name;  // content of nameRelativeToCRLIssuer
  std::optional<std::uint16_t> reasons;    // ReasonFlags, bit position n at 1 << n
  std::vector<GeneralName> crl_issuer;
};

struct PolicyInformation {
  asn1::Oid id;
  std::vector<std::string> cps_uris;
  std::vector<std::string> user_notices;  // explicitText; a notice without it is ""

  friend bool operator==(const PolicyInformation&, const PolicyInformation&) = default;
};

// PolicyMapping says that a policy of the issuer means the same as one of the subject. Neither may
// be anyPolicy (RFC 5280 section 4.2.1.5), which path validation checks.
struct PolicyMapping {
  asn1::Oid issuer;
  asn1::Oid subject;

  friend bool operator==(const PolicyMapping&, const PolicyMapping&) = default;
};

// PolicyConstraints count how many more certificates may follow in a path before the rule holds.
struct PolicyConstraints {
  std::optional<std::uint32_t> require_explicit_policy;
  std::optional<std::uint32_t> inhibit_policy_mapping;

  friend bool operator==(const PolicyConstraints&, const PolicyConstraints&) = default;
};

// TLS extension numbers that a server with this certificate must answer (RFC 7633). Must-staple is
// status_request.
inline constexpr std::uint16_t kTlsStatusRequest = 5;
inline constexpr std::uint16_t kTlsStatusRequestV2 = 17;

struct NameConstraints {
  std::vector<GeneralName> permitted;
  std::vector<GeneralName> excluded;

  friend bool operator==(const NameConstraints&, const NameConstraints&) = default;
};

// The numbers are those of RFC 5280 section 5.3.1.
enum class ReasonCode : std::uint8_t {
  kUnspecified = 0,
  kKeyCompromise = 1,
  kCaCompromise = 2,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
  kCertificateHold = 6,
  kRemoveFromCrl = 8,
  kPrivilegeWithdrawn = 9,
  kAaCompromise = 10,
};

// name gives "keyCompromise"; reason_code is the reverse and ignores case, '_' and '-'.
[[nodiscard]] std::string_view name(ReasonCode reason);
[[nodiscard]] std::optional<ReasonCode> reason_code(std::string_view name);
// reason_code_from_int knows 0..10 without 7.
[[nodiscard]] std::optional<ReasonCode> reason_code_from_int(std::int64_t value);

// ExtensionSet is a parsed Extensions list: every entry raw, and the known ones typed. Views look
// into the DER that was parsed.
struct ExtensionSet {
  std::vector<Extension> all;

  std::optional<KeyUsage> key_usage;
  std::optional<std::vector<asn1::Oid>> extended_key_usage;
  std::optional<BasicConstraints> basic_constraints;
  std::optional<BytesView> subject_key_id;
  std::optional<AuthorityKeyIdentifier> authority_key_id;
  std::optional<std::vector<GeneralName>> subject_alt_name;
  std::optional<std::vector<AccessDescription>> authority_info_access;
  std::optional<std::vector<DistributionPoint>> crl_distribution_points;
  std::optional<std::vector<PolicyInformation>> certificate_policies;
  std::optional<NameConstraints> name_constraints;
  std::optional<std::vector<PolicyMapping>> policy_mappings;
  std::optional<PolicyConstraints> policy_constraints;
  std::optional<std::uint32_t> inhibit_any_policy;
  std::optional<std::vector<std::uint16_t>> tls_features;
  bool no_revocation_available = false;  // RFC 9608

  // must_staple says that the TLS server has to send an OCSP answer (RFC 7633 section 4.1).
  [[nodiscard]] bool must_staple() const;
  [[nodiscard]] const Extension* find(const asn1::Oid& id) const;
};

// read_extension reads one entry of a list. Errors: kMalformed, kTooLarge (the OID).
[[nodiscard]] Result<Extension> read_extension(asn1::Reader& list);
// read_extension_list reads an Extensions element (SEQUENCE OF Extension) and decodes no value. It
// refuses an empty list, two extensions with one OID, more than kMaxExtensions, and "critical
// FALSE" written out. Errors: kMalformed, kTooLarge; the extension's OID is in Error::where.
[[nodiscard]] Result<std::vector<Extension>> read_extension_list(asn1::Reader& in);
// read_extensions also decodes the values it knows. Errors: as above, and those of the values.
[[nodiscard]] Result<ExtensionSet> read_extensions(asn1::Reader& in);

// read_* decode the DER value of one extension. Errors: kMalformed, kTooLarge.
[[nodiscard]] Result<KeyUsage> read_key_usage(BytesView value);
[[nodiscard]] Result<std::vector<asn1::Oid>> read_extended_key_usage(BytesView value);
[[nodiscard]] Result<BasicConstraints> read_basic_constraints(BytesView value);
[[nodiscard]] Result<BytesView> read_subject_key_id(BytesView value);
[[nodiscard]] Result<AuthorityKeyIdentifier> read_authority_key_id(BytesView value);
[[nodiscard]] Result<std::vector<GeneralName>> read_subject_alt_name(BytesView value);
[[nodiscard]] Result<std::vector<AccessDescription>> read_authority_info_access(BytesView value);
[[nodiscard]] Result<std::vector<DistributionPoint>> read_crl_distribution_points(BytesView value);
[[nodiscard]] Result<std::vector<PolicyInformation>> read_certificate_policies(BytesView value);
[[nodiscard]] Result<NameConstraints> read_name_constraints(BytesView value);
[[nodiscard]] Result<std::vector<PolicyMapping>> read_policy_mappings(BytesView value);
[[nodiscard]] Result<PolicyConstraints> read_policy_constraints(BytesView value);
[[nodiscard]] Result<std::uint32_t> read_inhibit_any_policy(BytesView value);
[[nodiscard]] Result<std::vector<std::uint16_t>> read_tls_features(BytesView value);
[[nodiscard]] Result<void> read_no_revocation_available(BytesView value);
[[nodiscard]] Result<BytesView> read_crl_number(BytesView value);  // INTEGER content, non-negative
[[nodiscard]] Result<ReasonCode> read_reason_code(BytesView value);
[[nodiscard]] Result<TimePoint> read_invalidity_date(BytesView value);

// write_* append one whole Extension element (OID, criticality, value) to `out`. Criticality is RFC
// 5280's where it fixes or recommends one: key usage, basic constraints of a CA and name
// constraints critical; the rest not, unless asked.
void write_extension(asn1::Writer& out, const Extension& extension);
void write_key_usage(asn1::Writer& out, KeyUsage usage);
void write_extended_key_usage(asn1::Writer& out, std::span<const asn1::Oid> purposes,
                              Criticality critical = Criticality::kNonCritical);
void write_basic_constraints(asn1::Writer& out, const BasicConstraints& constraints,
                             Criticality critical = Criticality::kCritical);
void write_subject_key_id(asn1::Writer& out, BytesView key_id);
void write_authority_key_id(asn1::Writer& out, BytesView key_id);
void write_subject_alt_name(asn1::Writer& out, std::span<const GeneralName> names,
                            Criticality critical = Criticality::kNonCritical);
// write_authority_info_access writes the OCSP URLs first. The URLs must be ASCII (checked by
// profiles).
void write_authority_info_access(asn1::Writer& out, std::span<const std::string> ocsp_urls,
                                 std::span<const std::string> ca_issuer_urls);
// write_crl_distribution_points writes one point for each URL, which is what Vault and most CAs do.
void write_crl_distribution_points(asn1::Writer& out, std::span<const std::string> urls);
// write_freshest_crl says in the same form where delta CRLs are (RFC 5280 section 4.2.1.15).
void write_freshest_crl(asn1::Writer& out, std::span<const std::string> urls);
void write_certificate_policies(asn1::Writer& out, std::span<const PolicyInformation> policies);
void write_name_constraints(asn1::Writer& out, const NameConstraints& constraints,
                            Criticality critical = Criticality::kCritical);
// The three of policies are critical (RFC 5280 sections 4.2.1.5, .11 and .14).
void write_policy_mappings(asn1::Writer& out, std::span<const PolicyMapping> mappings);
void write_policy_constraints(asn1::Writer& out, const PolicyConstraints& constraints);
void write_inhibit_any_policy(asn1::Writer& out, std::uint32_t skip_certificates);
void write_tls_features(asn1::Writer& out, std::span<const std::uint16_t> features);
void write_no_revocation_available(asn1::Writer& out);
// write_crl_number takes a big-endian magnitude of at most 20 octets.
void write_crl_number(asn1::Writer& out, BytesView number);
void write_reason_code(asn1::Writer& out, ReasonCode reason);
void write_invalidity_date(asn1::Writer& out, TimePoint since);

}  // namespace chancery::x509
