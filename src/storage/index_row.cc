#include "storage/index_row.h"

#include <algorithm>
#include <utility>

#include "asn1/oid.h"
#include "asn1/reader.h"
#include "base/text.h"
#include "crypto/algorithm.h"
#include "crypto/digest.h"
#include "record/event.h"
#include "x509/certificate.h"
#include "x509/general_name.h"

namespace chancery::storage {
namespace {

using asn1::Oid;
using x509::GeneralName;

constexpr Oid kCommonName("2.5.4.3");
constexpr Oid kEcPublicKey("1.2.840.10045.2.1");

std::string dotted(BytesView oid) {
  const auto parsed = Oid::from_der(oid);
  return parsed ? parsed->to_string() : "unknown";
}

// The size of an RSA modulus, as people count it.
Result<std::string> rsa_name(BytesView key_bits) {
  asn1::Reader outer(key_bits);
  asn1::Reader key = TRY(outer.enter_sequence());
  const BytesView modulus = TRY(key.read_unsigned());
  if (modulus.empty()) return std::string("RSA");
  unsigned bits = static_cast<unsigned>(modulus.size()) * 8;
  for (std::uint8_t top = modulus.front(); (top & 0x80) == 0 && top != 0;
       top = static_cast<std::uint8_t>(top << 1)) {
    --bits;
  }
  return "RSA-" + std::to_string(bits);
}

// Reads no more of the key than its name: a key that signs nothing here need not be on its curve.
Result<std::string> key_name(BytesView spki) {
  asn1::Reader outer(spki);
  asn1::Reader info = TRY(outer.enter_sequence());
  const BytesView identifier = TRY(info.read_whole(asn1::kSequence));
  if (const auto algorithm = crypto::parse_key_algorithm(identifier)) {
    if (*algorithm != crypto::KeyAlgorithm::kRsa) return crypto::to_string({*algorithm, 0});
    const asn1::BitString bits = TRY(info.read_bit_string());
    return rsa_name(bits.bytes);
  }
  asn1::Reader whole(identifier);
  asn1::Reader parts = TRY(whole.enter_sequence());
  BytesView id = TRY(parts.read_oid());
  if (kEcPublicKey.is(id) && parts.next_is(asn1::kObjectIdentifier)) id = TRY(parts.read_oid());
  return dotted(id);
}

// One SAN value as people search for it; "" for kinds that have no plain text.
std::string search_text(const GeneralName& name) {
  switch (name.kind()) {
    case GeneralName::Kind::kDns:
      return to_lower(name.text());
    case GeneralName::Kind::kEmail:
    case GeneralName::Kind::kUri:
      return std::string(name.text());
    case GeneralName::Kind::kIp:
      return x509::ip_to_string(name.octets());
    default:
      return name.to_string();
  }
}

void fill_from_event(record::CertificateRow& row, record::Event& event) {
  row.issuer_id = record::detail(event, "issuer");
  row.profile = record::detail(event, "role");
  if (row.profile.empty()) row.profile = record::detail(event, "profile");
  row.scope = std::move(event.scope);
}

void fill_from_certificate(record::CertificateRow& row, const x509::Certificate& certificate) {
  row.serial = to_bytes(certificate.serial());
  row.fingerprint = certificate.fingerprint_sha256();
  row.subject = certificate.subject().to_string();
  row.common_name = certificate.subject().first(kCommonName).value_or("");
  for (const GeneralName& name : certificate.subject_alt_names()) {
    row.names.push_back(search_text(name));
  }
  row.key_type = key_name(certificate.spki()).value_or("unknown");
  row.not_before = certificate.not_before();
  row.not_after = certificate.not_after();
}

Result<void> fill_brief(record::CertificateRow& row, BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader certificate = TRY(outer.enter_sequence());
  TRY(outer.finish());
  asn1::Reader tbs = TRY(certificate.enter_sequence());
  TRY(tbs.read_optional(asn1::context_constructed(0)));  // version
  row.serial = to_bytes(TRY(x509::read_serial(tbs)));
  TRY(tbs.read(asn1::kSequence));  // signature
  TRY(tbs.read(asn1::kSequence));  // issuer
  asn1::Reader validity = TRY(tbs.enter_sequence());
  row.not_before = TRY(validity.read_time());
  row.not_after = TRY(validity.read_time());
  row.fingerprint = crypto::sha256(der);
  return {};
}

}  // namespace

std::optional<record::CertificateRow> brief_row(std::uint64_t log_index,
                                                const record::LogEntry& entry) {
  if (entry.certificate.empty()) return std::nullopt;
  Result<record::Event> event = record::decode(entry.event);
  if (!event) return std::nullopt;
  record::CertificateRow row;
  row.log_index = log_index;
  fill_from_event(row, *event);
  if (!fill_brief(row, entry.certificate)) return std::nullopt;
  return row;
}

std::optional<record::CertificateRow> index_row(std::uint64_t log_index,
                                                const record::LogEntry& entry) {
  if (entry.certificate.empty()) return std::nullopt;
  Result<record::Event> event = record::decode(entry.event);
  if (!event) return std::nullopt;
  const auto certificate = x509::Certificate::parse(BytesView(entry.certificate));
  if (!certificate) return std::nullopt;
  record::CertificateRow row;
  row.log_index = log_index;
  fill_from_event(row, *event);
  fill_from_certificate(row, *certificate);
  return row;
}

std::vector<std::string> index_names(const record::CertificateRow& row) {
  std::vector<std::string> names;
  names.reserve(row.names.size() + 1);
  for (const std::string& name : row.names) names.push_back(to_lower(name));
  if (!row.common_name.empty()) names.push_back(to_lower(row.common_name));
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

std::uint16_t expiry_month(TimePoint not_after) {
  const CivilTime civil = to_civil(not_after);
  const int month = (civil.year - 1970) * 12 + static_cast<int>(civil.month) - 1;
  return static_cast<std::uint16_t>(std::clamp(month, 0, 0xffff));
}

std::optional<std::uint16_t> serial_month(BytesView serial) {
  if (serial.size() != 19 || serial[0] == 0 || serial[0] > 0x7f) return std::nullopt;
  return static_cast<std::uint16_t>(serial[1] << 8 | serial[2]);
}

}  // namespace chancery::storage
