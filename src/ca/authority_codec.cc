#include "ca/authority.h"
#include "ca/record_text.h"

namespace chancery::ca {
namespace {

Result<std::vector<Bytes>> read_chain(asn1::Reader& outer) {
  asn1::Reader reader = TRY(outer.enter_sequence());
  std::vector<Bytes> chain;
  while (!reader.empty()) {
    if (chain.size() == kMaxRecordItems)
      return reader.error("authority chain is too long", Code::kTooLarge);
    chain.push_back(to_bytes(TRY(reader.read_octet_string())));
  }
  return chain;
}

Result<void> read_ocsp(asn1::Reader& outer, AuthorityRecord& record) {
  asn1::Reader reader = TRY(outer.enter(asn1::context_constructed(1)));
  if (reader.empty()) return reader.error("authority has empty OCSP settings");
  if (reader.next_is(asn1::kBoolean)) record.ocsp_delegated = TRY(reader.read_boolean());
  if (!reader.empty()) record.delegate_validity = seconds{TRY(reader.read_int64())};
  return reader.finish();
}

Result<void> read_version_2(asn1::Reader& reader, AuthorityRecord& record) {
  record.urls.delta_crl_distribution_points = TRY(read_record_texts(reader));
  record.urls.templated = TRY(reader.read_boolean());
  record.manual_chain = TRY(read_record_texts(reader));
  const std::int64_t usage = TRY(reader.read_int64());
  if (usage < 0 || usage > Usage::all().bits()) return reader.error("authority usage is unknown");
  record.usage = Usage(static_cast<unsigned>(usage));
  const std::int64_t behavior = TRY(reader.read_int64());
  if (behavior != 0 && behavior != 1) return reader.error("authority behavior is unknown");
  record.not_after_behavior = static_cast<NotAfterBehavior>(behavior);
  if (const auto scheme = TRY(reader.read_optional(asn1::context(0)))) {
    record.revocation_scheme = TRY(crypto::parse_algorithm_identifier(*scheme));
  }
  if (reader.next_is(asn1::kGeneralizedTime)) record.revoked = TRY(reader.read_generalized_time());
  if (reader.next_is(asn1::context_constructed(1))) TRY(read_ocsp(reader, record));
  return {};
}

}  // namespace

Bytes encode(const AuthorityRecord& record) {
  asn1::Writer w(4096);
  w.sequence([&] {
    w.integer(2);
    w.element(asn1::kUtf8String, record.id);
    w.element(asn1::kUtf8String, record.name);
    w.boolean(record.is_default);
    w.element(asn1::kUtf8String, record.key_id);
    w.octet_string(record.certificate);
    w.sequence([&] {
      for (const Bytes& der : record.chain) w.octet_string(der);
    });
    write_record_texts(w, record.urls.issuing_certificates);
    write_record_texts(w, record.urls.crl_distribution_points);
    write_record_texts(w, record.urls.ocsp_servers);
    w.integer(record.crl_validity.count());
    w.integer(record.ocsp_validity.count());
    w.generalized_time(record.created);
    write_record_texts(w, record.urls.delta_crl_distribution_points);
    w.boolean(record.urls.templated);
    write_record_texts(w, record.manual_chain);
    w.integer(record.usage.bits());
    w.integer(static_cast<std::int64_t>(record.not_after_behavior));
    if (record.revocation_scheme) {
      w.element(asn1::context(0), crypto::algorithm_identifier(*record.revocation_scheme));
    }
    if (record.revoked) w.generalized_time(*record.revoked);
    if (!record.ocsp_delegated && !record.delegate_validity) return;
    w.nest(asn1::context_constructed(1), [&] {
      if (record.ocsp_delegated) w.boolean(*record.ocsp_delegated);
      if (record.delegate_validity) w.integer(record.delegate_validity->count());
    });
  });
  return std::move(w).take();
}

Result<AuthorityRecord> decode_authority(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const std::int64_t version = TRY(reader.read_int64());
  if (version != 1 && version != 2)
    return reader.error("authority has an unknown version", Code::kUnsupported);
  AuthorityRecord record;
  record.id = TRY(read_record_text(reader));
  record.name = TRY(read_record_text(reader));
  record.is_default = TRY(reader.read_boolean());
  record.key_id = TRY(read_record_text(reader));
  record.certificate = to_bytes(TRY(reader.read_octet_string()));
  record.chain = TRY(read_chain(reader));
  record.urls.issuing_certificates = TRY(read_record_texts(reader));
  record.urls.crl_distribution_points = TRY(read_record_texts(reader));
  record.urls.ocsp_servers = TRY(read_record_texts(reader));
  record.crl_validity = seconds{TRY(reader.read_int64())};
  record.ocsp_validity = seconds{TRY(reader.read_int64())};
  record.created = TRY(reader.read_generalized_time());
  if (version == 2) TRY(read_version_2(reader, record));
  TRY(reader.finish());
  return record;
}

record::StateKey authority_key(const record::Scope& scope, std::string_view id) {
  return {record::StateKind::kAuthority, scope, std::string(id)};
}

}  // namespace chancery::ca
