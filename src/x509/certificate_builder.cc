#include "x509/certificate_builder.h"

#include <array>

#include "asn1/tag.h"
#include "asn1/writer.h"
#include "x509/der_header.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

using asn1::Writer;

std::unexpected<Error> refuse(std::string_view detail, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field));
}

bool is_empty_name(BytesView name) { return name.size() == 2; }

Result<void> check_serial(BytesView serial) {
  if (serial.empty() || serial.size() > 20)
    return refuse("serial number is not 1..20 octets", "serialNumber");
  if ((serial[0] & 0x80) != 0) return refuse("serial number is negative", "serialNumber");
  if (serial[0] == 0 && (serial.size() == 1 || (serial[1] & 0x80) == 0)) {
    return refuse("serial number is zero or not minimal", "serialNumber");
  }
  return {};
}

Result<void> check_names_and_key(const TbsFields& f) {
  if (f.issuer.size() < 2 || f.issuer[0] != asn1::kSequence)
    return refuse("issuer name is missing", "issuer");
  if (f.subject.size() < 2 || f.subject[0] != asn1::kSequence)
    return refuse("subject name is missing", "subject");
  if (f.spki.size() < 2 || f.spki[0] != asn1::kSequence)
    return refuse("public key is missing", "subjectPublicKeyInfo");
  if (f.not_after < f.not_before) return refuse("notAfter is before notBefore", "validity");
  return {};
}

// Whether the typed fields already write this extension.
bool is_field(const TbsFields& f, const asn1::Oid& id) {
  if (id == oids::kKeyUsage) return f.key_usage && !f.key_usage->empty();
  if (id == oids::kExtendedKeyUsage) return !f.extended_key_usage.empty();
  if (id == oids::kBasicConstraints) return f.basic_constraints.has_value();
  if (id == oids::kSubjectKeyIdentifier) return !f.subject_key_id.empty();
  if (id == oids::kAuthorityKeyIdentifier) return !f.authority_key_id.empty();
  if (id == oids::kAuthorityInfoAccess) return !f.ocsp_urls.empty() || !f.ca_issuer_urls.empty();
  if (id == oids::kSubjectAltName) return !f.subject_alt_names.empty();
  if (id == oids::kCertificatePolicies) return !f.policies.empty();
  if (id == oids::kNameConstraints) return f.name_constraints != nullptr;
  if (id == oids::kCrlDistributionPoints) return !f.crl_urls.empty();
  if (id == oids::kFreshestCrl) return !f.freshest_crl_urls.empty();
  return false;
}

Result<void> check_duplicates(const TbsFields& f) {
  for (std::size_t i = 0; i < f.more.size(); ++i) {
    bool twice = is_field(f, f.more[i].id);
    for (std::size_t j = 0; j < i; ++j) twice = twice || f.more[j].id == f.more[i].id;
    if (twice)
      return refuse("extension " + f.more[i].id.to_string() + " appears twice", "extensions");
  }
  return {};
}

void write_usage_extensions(Writer& w, const TbsFields& f) {
  if (f.key_usage && !f.key_usage->empty()) write_key_usage(w, *f.key_usage);
  if (!f.extended_key_usage.empty()) {
    write_extended_key_usage(w, f.extended_key_usage, f.extended_key_usage_critical);
  }
  if (f.basic_constraints)
    write_basic_constraints(w, *f.basic_constraints, f.basic_constraints_critical);
  if (!f.subject_key_id.empty()) write_subject_key_id(w, f.subject_key_id);
  if (!f.authority_key_id.empty()) write_authority_key_id(w, f.authority_key_id);
}

void write_all_extensions(Writer& w, const TbsFields& f) {
  write_usage_extensions(w, f);
  if (!f.ocsp_urls.empty() || !f.ca_issuer_urls.empty())
    write_authority_info_access(w, f.ocsp_urls, f.ca_issuer_urls);
  if (!f.subject_alt_names.empty()) {
    write_subject_alt_name(
        w, f.subject_alt_names,
        is_empty_name(f.subject) ? Criticality::kCritical : Criticality::kNonCritical);
  }
  if (!f.policies.empty()) write_certificate_policies(w, f.policies);
  if (f.name_constraints != nullptr) write_name_constraints(w, *f.name_constraints);
  if (!f.crl_urls.empty()) write_crl_distribution_points(w, f.crl_urls);
  if (!f.freshest_crl_urls.empty()) write_freshest_crl(w, f.freshest_crl_urls);
  for (const Extension& extension : f.more) write_extension(w, extension);
  w.raw(f.encoded_extensions);
}

bool has_extensions(const TbsFields& f) {
  constexpr std::array kFields{oids::kKeyUsage,
                               oids::kExtendedKeyUsage,
                               oids::kBasicConstraints,
                               oids::kSubjectKeyIdentifier,
                               oids::kAuthorityKeyIdentifier,
                               oids::kAuthorityInfoAccess,
                               oids::kSubjectAltName,
                               oids::kCertificatePolicies,
                               oids::kNameConstraints,
                               oids::kCrlDistributionPoints,
                               oids::kFreshestCrl};
  if (!f.more.empty() || !f.encoded_extensions.empty()) return true;
  for (const asn1::Oid& id : kFields) {
    if (is_field(f, id)) return true;
  }
  return false;
}

void write_body(Writer& w, const TbsFields& f) {
  constexpr std::uint8_t kVersion3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};
  w.raw(kVersion3);
  w.element(asn1::kInteger, f.serial);
  w.raw(crypto::algorithm_identifier(f.scheme));
  w.raw(f.issuer);
  w.sequence([&] {
    w.time(f.not_before);
    w.time(f.not_after);
  });
  w.raw(f.subject);
  w.raw(f.spki);
  if (!has_extensions(f)) return;
  w.nest(asn1::context_constructed(3), [&] { w.sequence([&] { write_all_extensions(w, f); }); });
}

}  // namespace

Result<Bytes> encode_tbs(const TbsFields& fields) {
  TRY(check_serial(fields.serial));
  TRY(check_names_and_key(fields));
  TRY(check_duplicates(fields));
  Writer w(fields.issuer.size() + fields.subject.size() + fields.spki.size() +
           fields.encoded_extensions.size() + 768);
  w.sequence([&] { write_body(w, fields); });
  return std::move(w).take();
}

Bytes assemble(BytesView tbs, crypto::SignatureScheme scheme, BytesView signature) {
  const BytesView algorithm = crypto::algorithm_identifier(scheme);
  const std::size_t length = tbs.size() + algorithm.size() + der_size(signature.size() + 1);
  Bytes out;
  out.reserve(der_size(length));
  append_der_header(out, asn1::kSequence, length);
  append(out, tbs);
  append(out, algorithm);
  append_der_header(out, asn1::kBitString, signature.size() + 1);
  out.push_back(0);
  append(out, signature);
  return out;
}

}  // namespace chancery::x509
