#include "ca/key_record.h"

#include "ca/record_text.h"

namespace chancery::ca {

Bytes encode(const KeyRecord& record) {
  asn1::Writer w(record.spki.size() + 128);
  w.sequence([&] {
    w.integer(1);
    w.element(asn1::kUtf8String, record.id);
    w.element(asn1::kUtf8String, record.name);
    w.octet_string(record.spki);
    w.generalized_time(record.created);
  });
  return std::move(w).take();
}

Result<KeyRecord> decode_key(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("key record has an unknown version", Code::kUnsupported);
  KeyRecord record;
  record.id = TRY(read_record_text(reader));
  record.name = TRY(read_record_text(reader));
  record.spki = to_bytes(TRY(reader.read_octet_string()));
  record.created = TRY(reader.read_generalized_time());
  TRY(reader.finish());
  return record;
}

record::StateKey key_row(const record::Scope& scope, std::string_view id) {
  return {record::StateKind::kKey, scope, std::string(id)};
}

}  // namespace chancery::ca
