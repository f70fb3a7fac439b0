#include "asn1/reader.h"
#include "asn1/writer.h"
#include "ca/service.h"

namespace chancery::ca {
namespace {

std::string id_of(std::string_view status_id, BytesView serial) {
  std::string id;
  id.reserve(status_id.size() + 1 + 2 * serial.size());
  return id.append(status_id).append(":").append(hex(serial));
}

}  // namespace

Bytes encode(const Revocation& revocation) {
  asn1::Writer w(64);
  w.sequence([&] {
    w.integer(1);
    w.generalized_time(revocation.revoked_at);
    w.integer(static_cast<std::int64_t>(revocation.reason), asn1::kEnumerated);
    if (revocation.invalid_since) w.generalized_time(*revocation.invalid_since);
  });
  return std::move(w).take();
}

Result<Revocation> decode_revocation(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("revocation has an unknown version", Code::kUnsupported);
  Revocation revocation;
  revocation.revoked_at = TRY(reader.read_generalized_time());
  const auto reason = x509::reason_code_from_int(TRY(reader.read_int64(asn1::kEnumerated)));
  if (!reason) return reader.error("revocation has an unknown reason");
  revocation.reason = *reason;
  if (!reader.empty()) revocation.invalid_since = TRY(reader.read_generalized_time());
  TRY(reader.finish());
  return revocation;
}

record::StateKey revocation_key(const record::Scope& scope, std::string_view status_id,
                                BytesView serial) {
  return {record::StateKind::kRevocation, scope, id_of(status_id, serial)};
}

record::StateKey hold_key(const record::Scope& scope, std::string_view status_id,
                          BytesView serial) {
  return {record::StateKind::kHold, scope, id_of(status_id, serial)};
}

Result<std::optional<record::StateRow>> find_revocation(const record::StateReader& state,
                                                        const record::Scope& scope,
                                                        const StatusIdentity& status,
                                                        BytesView serial) {
  for (const std::string_view source : status.sources()) {
    auto row = TRY(state.get(revocation_key(scope, source, serial)));
    if (row) return row;
  }
  return std::nullopt;
}

}  // namespace chancery::ca
