#include "ca/crl_state.h"

#include "asn1/reader.h"
#include "asn1/writer.h"

namespace chancery::ca {
namespace {

// 1: without entries; 2: with; 3: with what tidying, delta CRLs and disabled CRLs need; 4: with
// holds; 5: with what imported CRLs left.
std::int64_t version_of(const CrlState& state) {
  if (!state.inherited.empty()) return 5;
  if (!state.held.empty()) return 4;
  if (state.disabled || state.generation != 0 || state.tidied_below != 0 || state.delta_number)
    return 3;
  return state.entries ? 2 : 1;
}

Result<std::uint64_t> read_number(asn1::Reader& reader) {
  const BytesView octets = TRY(reader.read_unsigned());
  if (octets.size() > 8) return reader.error("CRL state has too large a number", Code::kTooLarge);
  std::uint64_t number = 0;
  for (const std::uint8_t octet : octets) number = number << 8 | octet;
  return number;
}

// Present: one more than the value; zero: nothing.
void write_optional(asn1::Writer& w, std::optional<std::uint64_t> value) {
  w.unsigned_integer(crl_number_octets(value ? *value + 1 : 0));
}

Result<std::optional<std::uint64_t>> read_optional(asn1::Reader& reader) {
  const std::uint64_t value = TRY(read_number(reader));
  if (value == 0) return std::nullopt;
  return value - 1;
}

Result<void> read_version_3(asn1::Reader& reader, CrlState& state) {
  state.entries = TRY(read_optional(reader));
  state.disabled = TRY(reader.read_boolean());
  const std::uint64_t generation = TRY(read_number(reader));
  if (generation > UINT32_MAX) return reader.error("CRL state has too large a generation");
  state.generation = static_cast<std::uint32_t>(generation);
  state.tidied_below = TRY(read_number(reader));
  state.delta_number = TRY(read_optional(reader));
  if (state.delta_number && *state.delta_number <= state.number)
    return reader.error("CRL state has a delta CRL from before the complete one");
  return {};
}

}  // namespace

Bytes crl_number_octets(std::uint64_t number) {
  Bytes octets;
  for (int shift = 56; shift >= 0; shift -= 8)
    octets.push_back(static_cast<std::uint8_t>(number >> shift));
  return octets;
}

Bytes encode(const CrlState& state) {
  asn1::Writer w(160 + state.imported.size());
  const std::int64_t version = version_of(state);
  w.sequence([&] {
    w.integer(version);
    w.unsigned_integer(crl_number_octets(state.number));
    w.generalized_time(state.this_update);
    w.generalized_time(state.next_update);
    w.octet_string(state.imported);
    if (version == 2) w.integer(static_cast<std::int64_t>(*state.entries));
    if (version < 3) return;
    write_optional(w, state.entries);
    w.boolean(state.disabled);
    w.unsigned_integer(crl_number_octets(state.generation));
    w.unsigned_integer(crl_number_octets(state.tidied_below));
    write_optional(w, state.delta_number);
    if (version >= 4) w.octet_string(state.held);
    if (version == 5) w.octet_string(state.inherited);
  });
  return std::move(w).take();
}

Result<CrlState> decode_crl_state(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const std::int64_t version = TRY(reader.read_int64());
  if (version < 1 || version > 5)
    return reader.error("CRL state has an unknown version", Code::kUnsupported);
  CrlState state;
  state.number = TRY(read_number(reader));
  state.this_update = TRY(reader.read_generalized_time());
  state.next_update = TRY(reader.read_generalized_time());
  state.imported = to_bytes(TRY(reader.read_octet_string()));
  if (version == 2) {
    const std::int64_t entries = TRY(reader.read_int64());
    if (entries < 0) return reader.error("CRL state has a negative size");
    state.entries = static_cast<std::uint64_t>(entries);
  }
  if (version >= 3) TRY(read_version_3(reader, state));
  if (version >= 4) state.held = to_bytes(TRY(reader.read_octet_string()));
  if (version == 5) state.inherited = to_bytes(TRY(reader.read_octet_string()));
  if (version >= 3 && version_of(state) != version)
    return reader.error("CRL state is not in its shortest form");
  TRY(reader.finish());
  return state;
}

record::StateKey crl_key(const record::Scope& scope, std::string_view issuer_id) {
  return {record::StateKind::kCrl, scope, std::string(issuer_id)};
}

}  // namespace chancery::ca
