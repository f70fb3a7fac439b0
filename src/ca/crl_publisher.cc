#include "ca/crl_publisher.h"

#include <algorithm>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "ca/service.h"
#include "x509/crl.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kPage = 2000;
constexpr int kMaxConflicts = 8;
// How long the last CRL is given out before a new one is tried, while the store cannot be written.
constexpr seconds kPause{5};

Bytes magnitude(std::uint64_t number) {
  Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(number >> shift));
  return bytes;
}

std::string slot_name(const record::Scope& scope, std::string_view issuer_id) {
  return scope.tenant + '\0' + scope.mount + '\0' + std::string(issuer_id);
}

// store_fails says that the store would not take the record of a CRL.
bool store_fails(Code code) {
  return code == Code::kUnavailable || code == Code::kStorageFull || code == Code::kUnknownOutcome;
}

Result<std::shared_ptr<const Bytes>> sign(const Authority& authority, const CrlState& state,
                                          BytesView entries) {
  x509::CrlHeader header;
  header.scheme = authority.revocation_scheme();
  const BytesView issuer = authority.certificate().subject().der();
  header.issuer = issuer;
  header.this_update = state.this_update;
  header.next_update = state.next_update;
  const Bytes number = magnitude(state.number);
  header.number = number;
  header.authority_key_id = authority.key_identifier();
  Bytes tbs = x509::encode_tbs_crl(header, entries);
  const Bytes signature = TRY(authority.signer()->sign(header.scheme, tbs));
  return std::make_shared<const Bytes>(
      x509::assemble_crl(std::move(tbs), header.scheme, signature));
}

// encode_entry turns a recorded revocation into its CRL entry.
Result<Bytes> encode_entry(const record::Event& event) {
  const Bytes serial = TRY(parse_hex(event.subject));
  const auto reason = x509::reason_code(record::detail(event, "reason"));
  if (!reason) return fail(Code::kDataLoss, "a recorded revocation has no known reason");
  return x509::encode_crl_entry(serial, event.time, *reason);
}

}  // namespace

Bytes encode(const CrlState& state) {
  asn1::Writer w(128 + state.imported.size());
  w.sequence([&] {
    w.integer(state.entries ? 2 : 1);
    w.unsigned_integer(magnitude(state.number));
    w.generalized_time(state.this_update);
    w.generalized_time(state.next_update);
    w.octet_string(state.imported);
    if (state.entries) w.integer(static_cast<std::int64_t>(*state.entries));
  });
  return std::move(w).take();
}

Result<CrlState> decode_crl_state(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const std::int64_t version = TRY(reader.read_int64());
  if (version != 1 && version != 2)
    return reader.error("CRL state has an unknown version", Code::kUnsupported);
  CrlState state;
  const BytesView number = TRY(reader.read_unsigned());
  if (number.size() > 8) return reader.error("CRL number does not fit 64 bits", Code::kTooLarge);
  for (const std::uint8_t byte : number) state.number = state.number << 8 | byte;
  state.this_update = TRY(reader.read_generalized_time());
  state.next_update = TRY(reader.read_generalized_time());
  state.imported = to_bytes(TRY(reader.read_octet_string()));
  if (version == 2) {
    const std::int64_t entries = TRY(reader.read_int64());
    if (entries < 0) return reader.error("CRL state has a negative size");
    state.entries = static_cast<std::uint64_t>(entries);
  }
  TRY(reader.finish());
  return state;
}

record::StateKey crl_key(const record::Scope& scope, std::string_view issuer_id) {
  return {record::StateKind::kCrl, scope, std::string(issuer_id)};
}

CrlPublisher::Slot& CrlPublisher::slot(const record::Scope& scope, std::string_view issuer_id) {
  const std::scoped_lock lock(slots_mutex_);
  auto& slot = slots_[slot_name(scope, issuer_id)];
  if (!slot) slot = std::make_unique<Slot>();
  return *slot;
}

void CrlPublisher::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      const bool revocation = change.key.kind == record::StateKind::kRevocation;
      if (!revocation && change.key.kind != record::StateKind::kCrl) continue;
      const std::string_view issuer_id =
          std::string_view(change.key.id).substr(0, change.key.id.find(':'));
      Slot& affected = slot(change.key.scope, issuer_id);
      const std::scoped_lock lock(affected.mutex);
      // A revocation outdates what does not cover it. A CRL that somebody else wrote outdates ours.
      if (revocation) affected.must_cover = committed.first_index + committed.set->entries.size();
      if (!revocation) affected.published.reset();
    }
  }
}

std::shared_ptr<const CrlPublisher::Published> CrlPublisher::fresh(Slot& slot) const {
  const std::scoped_lock lock(slot.mutex);
  const auto& published = slot.published;
  if (!published || published->covers < slot.must_cover) return nullptr;
  const auto half = (published->next_update - published->this_update) / 2;
  return clock_.now() < published->this_update + half ? published : nullptr;
}

Result<std::shared_ptr<const Bytes>> CrlPublisher::current(const Authority& authority,
                                                           const OnLane* on_lane) {
  Slot& s = slot(authority.scope(), authority.id());
  if (const auto published = fresh(s)) return published->der;
  if (on_lane == nullptr) return std::shared_ptr<const Bytes>{};
  const std::scoped_lock building(s.building);
  if (const auto published = fresh(s)) return published->der;
  if (const auto last = last_for_now(s)) return last->der;
  auto published =
      authority.signer() != nullptr ? build(authority, *on_lane) : load_imported(authority);
  if (!published) return TRY(last_published(authority, s, std::move(published).error()))->der;
  const std::scoped_lock lock(s.mutex);
  s.published = *published;
  s.last.reset();
  return (*published)->der;
}

std::shared_ptr<const CrlPublisher::Published> CrlPublisher::last_for_now(Slot& slot) const {
  const std::scoped_lock lock(slot.mutex);
  const TimePoint now = clock_.now();
  // A clock that was set back must not make the pause longer.
  const bool pauses = slot.last && now < slot.try_again && slot.try_again <= now + kPause;
  return pauses && now < slot.last->next_update ? slot.last : nullptr;
}

// A store that cannot be written gives no number for a new CRL. Relying parties that find none at
// all refuse everybody, so the last one is given out for as long as it promised to hold.
Result<std::shared_ptr<const CrlPublisher::Published>> CrlPublisher::last_published(
    const Authority& authority, Slot& slot, Error why) {
  if (!store_fails(why.code) || authority.signer() == nullptr) return std::unexpected(why);
  TRY(gate_.check());
  std::shared_ptr<const Published> last;
  {
    const std::scoped_lock lock(slot.mutex);
    last = slot.published ? slot.published : slot.last;
  }
  if (!last) {
    auto again = make_again(authority);
    if (!again) return std::unexpected(why);
    last = *std::move(again);
  }
  if (clock_.now() >= last->next_update) return std::unexpected(why);
  log_.warning("no new CRL can be recorded; the last one is given out",
               {{"authority", authority.id()}, {"reason", why.to_string()}});
  const std::scoped_lock lock(slot.mutex);
  slot.last = last;
  slot.try_again = clock_.now() + kPause;
  return last;
}

// make_again signs the same content as that of the last recorded CRL: after a start, none is in
// memory.
Result<std::shared_ptr<const CrlPublisher::Published>> CrlPublisher::make_again(
    const Authority& authority) {
  const auto row = TRY(store_.state().get(crl_key(authority.scope(), authority.id())));
  if (!row) return fail(Code::kNotFound, "no CRL was published yet");
  const auto state = TRY(decode_crl_state(row->value));
  const auto content = TRY(store_.files().open("crl-" + authority.id()));
  if (!state.entries || content.bytes.size() < *state.entries)
    return fail(Code::kNotFound, "the entries of the last CRL are not there");
  auto der = TRY(sign(authority, state, content.bytes.first(*state.entries)));
  return std::make_shared<const Published>(
      Published{std::move(der), state.this_update, state.next_update, 0});
}

Result<std::shared_ptr<const CrlPublisher::Published>> CrlPublisher::load_imported(
    const Authority& authority) {
  const auto row = TRY(store_.state().get(crl_key(authority.scope(), authority.id())));
  if (!row) {
    return fail(Code::kNotFound,
                "this authority's key is kept elsewhere and none of its CRLs was imported");
  }
  auto state = TRY(decode_crl_state(row->value));
  auto der = std::make_shared<const Bytes>(std::move(state.imported));
  return std::make_shared<const Published>(
      Published{std::move(der), state.this_update, state.next_update, UINT64_MAX});
}

// Reads the revocations that the entry file does not cover yet; returns the log position it covers
// then.
Result<std::uint64_t> CrlPublisher::append_new_entries(const Authority& authority,
                                                       const std::string& file) {
  const std::uint64_t end = store_.log().size();
  const auto content = TRY(store_.files().open(file));
  std::uint64_t next = content.covers;
  while (next < end) {
    const auto rows =
        TRY(store_.log().read_kind(record::EventKind::kCertificateRevoked, next, kPage));
    Bytes entries;
    std::uint64_t covers = end;
    for (const record::LogRow& row : rows) {
      if (row.index >= end) break;  // came after the position that this file will claim to cover
      const auto event = TRY(record::decode(row.entry.event));
      if (event.scope != authority.scope() || record::detail(event, "issuer") != authority.id())
        continue;
      const Bytes entry = TRY(encode_entry(event));
      append(entries, entry);
    }
    if (rows.size() == kPage) covers = std::min(end, rows.back().index + 1);
    // A position that moved without new entries is not worth a flush.
    if (!entries.empty()) TRY(store_.files().append(file, entries, covers));
    next = covers;
  }
  return next;
}

Result<std::shared_ptr<const CrlPublisher::Published>> CrlPublisher::build(
    const Authority& authority, const OnLane& on_lane) {
  // The last CRL of the lost node may name certificates that are not in the backup as revoked: a
  // new one would make them good again.
  TRY(gate_.check());
  const std::string file = "crl-" + authority.id();
  const record::StateKey key = crl_key(authority.scope(), authority.id());
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    const std::uint64_t covers = TRY(append_new_entries(authority, file));
    const auto entries = TRY(store_.files().open(file));
    const auto row = TRY(store_.state().get(key));
    CrlState state;
    if (row) state = TRY(decode_crl_state(row->value));
    // The clock may have been set back: neither number nor time of a CRL ever does.
    const TimePoint this_update = std::max(clock_.now(), state.this_update);
    state = {state.number + 1,
             this_update,
             this_update + authority.record().crl_validity,
             {},
             entries.bytes.size()};
    const auto der = TRY(sign(authority, state, entries.bytes));

    record::WriteSet writes;
    row ? writes.require_version(key, row->version) : writes.require_absent(key);
    writes.put(key, encode(state));
    record::Event event{
        record::EventKind::kCrlPublished,
        state.this_update,
        authority.scope(),
        "system",
        {},
        authority.id(),
        {{"number", std::to_string(state.number)}, {"size", std::to_string(der->size())}},
        {}};
    writes.append(event);
    const auto receipt = store_.committer().submit(std::move(writes)).wait(on_lane);
    if (!receipt && receipt.error().code == Code::kConflict)
      continue;  // another publisher took the number
    if (!receipt) return std::unexpected(receipt.error());
    log_.info("CRL published",
              {{"authority", authority.id()}, {"number", state.number}, {"bytes", der->size()}});
    return std::make_shared<const Published>(
        Published{der, state.this_update, state.next_update, covers});
  }
  return fail(Code::kUnavailable, "others keep publishing this authority's CRL");
}

}  // namespace chancery::ca
