#include <algorithm>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "ca/authority.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kMaxItems = 64;

Result<std::string> read_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("authority text is not UTF-8");
  return std::string(text);
}

void write_texts(asn1::Writer& w, const std::vector<std::string>& texts) {
  w.sequence([&] {
    for (const std::string& text : texts) w.element(asn1::kUtf8String, text);
  });
}

Result<std::vector<std::string>> read_texts(asn1::Reader& outer) {
  asn1::Reader reader = TRY(outer.enter_sequence());
  std::vector<std::string> texts;
  while (!reader.empty()) {
    if (texts.size() == kMaxItems)
      return reader.error("authority has too many items", Code::kTooLarge);
    texts.push_back(TRY(read_text(reader)));
  }
  return texts;
}

Result<std::vector<Bytes>> read_chain(asn1::Reader& outer) {
  asn1::Reader reader = TRY(outer.enter_sequence());
  std::vector<Bytes> chain;
  while (!reader.empty()) {
    if (chain.size() == kMaxItems)
      return reader.error("authority chain is too long", Code::kTooLarge);
    chain.push_back(to_bytes(TRY(reader.read_octet_string())));
  }
  return chain;
}

}  // namespace

Bytes encode(const AuthorityRecord& record) {
  asn1::Writer w(4096);
  w.sequence([&] {
    w.integer(1);
    w.element(asn1::kUtf8String, record.id);
    w.element(asn1::kUtf8String, record.name);
    w.boolean(record.is_default);
    w.element(asn1::kUtf8String, record.key_id);
    w.octet_string(record.certificate);
    w.sequence([&] {
      for (const Bytes& der : record.chain) w.octet_string(der);
    });
    write_texts(w, record.urls.issuing_certificates);
    write_texts(w, record.urls.crl_distribution_points);
    write_texts(w, record.urls.ocsp_servers);
    w.integer(record.crl_validity.count());
    w.integer(record.ocsp_validity.count());
    w.generalized_time(record.created);
  });
  return std::move(w).take();
}

Result<AuthorityRecord> decode_authority(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("authority has an unknown version", Code::kUnsupported);
  AuthorityRecord record;
  record.id = TRY(read_text(reader));
  record.name = TRY(read_text(reader));
  record.is_default = TRY(reader.read_boolean());
  record.key_id = TRY(read_text(reader));
  record.certificate = to_bytes(TRY(reader.read_octet_string()));
  record.chain = TRY(read_chain(reader));
  record.urls.issuing_certificates = TRY(read_texts(reader));
  record.urls.crl_distribution_points = TRY(read_texts(reader));
  record.urls.ocsp_servers = TRY(read_texts(reader));
  record.crl_validity = seconds{TRY(reader.read_int64())};
  record.ocsp_validity = seconds{TRY(reader.read_int64())};
  record.created = TRY(reader.read_generalized_time());
  TRY(reader.finish());
  return record;
}

record::StateKey authority_key(const record::Scope& scope, std::string_view id) {
  return {record::StateKind::kAuthority, scope, std::string(id)};
}

}  // namespace chancery::ca
