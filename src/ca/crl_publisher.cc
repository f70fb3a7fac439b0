#include "ca/crl_publisher.h"

#include <algorithm>
#include <vector>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "ca/crl_entry_file.h"
#include "ca/crl_rows.h"
#include "x509/crl.h"
#include "x509/oids.h"

namespace chancery::ca {
namespace {

constexpr int kMaxConflicts = 8;
// How long the last CRL is given out before a new one is tried, while the store cannot be written.
constexpr seconds kPause{5};
// A CRL is given out at most so long after its thisUpdate.
constexpr seconds kLongestBuild{60};
// The least validity of a delta CRL, however often one is made: clients keep it so long.
constexpr seconds kLeastDeltaValidity{600};

std::string slot_name(const record::Scope& scope, std::string_view status_id) {
  return scope.tenant + '\0' + scope.mount + '\0' + std::string(status_id);
}

// store_fails says that the store would not take the record of a CRL.
bool store_fails(Code code) {
  return code == Code::kUnavailable || code == Code::kStorageFull || code == Code::kUnknownOutcome;
}

// The value of an extension that x509 writes as a whole.
Result<Bytes> value_of(asn1::Writer extension) {
  const Bytes whole = std::move(extension).take();
  asn1::Reader reader{BytesView(whole)};
  return to_bytes(TRY(x509::read_extension(reader)).value);
}

// Where the delta CRLs of a complete CRL are (RFC 5280 section 5.2.6); empty: there are none.
Result<Bytes> freshest_crl(const Authority& authority, const Shard& shard,
                           const StatusSettings& settings) {
  if (!settings.delta_enabled) return Bytes{};
  const auto names = urls_of_shard(authority.status().delta_crl_urls, shard);
  if (names.empty()) return Bytes{};
  asn1::Writer w(256);
  x509::write_freshest_crl(w, names);
  return value_of(std::move(w));
}

// The scope of a shard's CRL: the URLs by which certificates of any of its issuers name it
// (RFC 5280 section 5.2.5). Errors: kNotFound; the authority's own, where it has no URLs.
Result<Bytes> shard_scope(const Authority& authority, const Shard& shard) {
  const auto names = urls_of_shard(authority.status().crl_urls, shard);
  if (names.empty() && !authority.urls()) return std::unexpected(authority.urls().error());
  if (names.empty())
    return fail(Code::kNotFound, "no URL of this authority speaks of such a shard");
  x509::IssuingDistributionPoint point;
  point.urls = names;
  return x509::encode_issuing_distribution_point(point);
}

// EntrySet is everything that a CRL lists, as of one moment.
struct EntrySet {
  record::DerivedFiles::Content file;  // for good, in the order of revocation
  HeldEntries held;
  std::uint64_t covers = 0;
};

// A certificate that goes from hold to revoked meanwhile must stand on the CRL, once: holds are
// read first, and those that the file has by then are left out. A hold that ends after the position
// that the CRL claims to cover is for the next one. `seen`: how much of the file was read before.
Result<EntrySet> read_entries(record::Store& store, CrlEntryFile& file, std::uint64_t seen,
                              const Authority& authority) {
  EntrySet set;
  set.covers = store.log().size();
  const std::size_t before = TRY(file.open(seen)).bytes.size();
  set.held = TRY(read_held(store.state(), authority));
  TRY(file.catch_up());
  set.file = TRY(file.open(before));
  TRY(for_each_entry(set.file.bytes.subspan(before), [&](BytesView serial, BytesView) {
    if (const auto it = set.held.find(as_text(serial)); it != set.held.end()) set.held.erase(it);
  }));
  return set;
}

record::StateKey row_key(const Authority& authority, const Shard& shard) {
  return crl_key(authority.scope(), crl_row_id(authority.status().id, shard));
}

// What of inherited entries is not on the CRL by itself.
Result<Bytes> still_inherited(BytesView inherited, BytesView revoked, const HeldEntries& held) {
  if (inherited.empty()) return Bytes{};
  HeldEntries left = TRY(parse_held(inherited));
  for (const auto& [serial, entry] : held) left.erase(serial);
  TRY(for_each_entry(revoked, [&](BytesView serial, BytesView) {
    if (const auto it = left.find(as_text(serial)); it != left.end()) left.erase(it);
  }));
  return joined(left);
}

// Larger ones are not kept: then a start makes a new CRL rather than the same again.
constexpr std::size_t kMostHeld = std::size_t{256} * 1024;

// When a complete CRL is to be followed by the next one, revocations aside.
TimePoint renewal_time(const PublishedCrl& crl, const StatusSettings& settings) {
  if (settings.auto_rebuild)
    return crl.next_update - std::max(settings.grace_period.value, seconds{0});
  return crl.this_update + (crl.next_update - crl.this_update) / 2;
}

}  // namespace

CrlPublisher::Slot& CrlPublisher::slot(const Authority& authority) {
  const StatusIdentity& status = authority.status();
  std::string name = slot_name(authority.scope(), status.id);
  const std::scoped_lock lock(slots_mutex_);
  for (const std::string& elder : status.elders)
    heirs_.insert_or_assign(slot_name(authority.scope(), elder), name);
  return slot(std::move(name));
}

CrlPublisher::Slot& CrlPublisher::slot(std::string name) {
  auto& slot = slots_[std::move(name)];
  if (!slot) slot = std::make_unique<Slot>();
  return *slot;
}

std::vector<CrlPublisher::Slot*> CrlPublisher::slots_of(const record::Scope& scope,
                                                        std::string_view status_id) {
  std::string name = slot_name(scope, status_id);
  const std::scoped_lock lock(slots_mutex_);
  std::vector<Slot*> slots;
  if (const auto heir = heirs_.find(name); heir != heirs_.end())
    slots.push_back(&slot(heir->second));
  slots.push_back(&slot(std::move(name)));
  return slots;
}

void CrlPublisher::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    const record::StateKey* last = nullptr;  // of the revocation that the slots have heard of
    for (const record::StateChange& change : committed.set->changes) {
      const bool hold = change.key.kind == record::StateKind::kHold;
      const bool revocation = hold || change.key.kind == record::StateKind::kRevocation;
      if (!revocation && change.key.kind != record::StateKind::kCrl) continue;
      // What a tidy erases stays in the CRL until the entry file is written anew.
      if (revocation && !hold && change.operation == record::StateChange::Operation::kErase)
        continue;
      const std::string_view id(change.key.id);
      const std::size_t end = id.find_first_of(":#");
      if (revocation) {
        // A mass revocation tells of thousands.
        const bool told = last != nullptr && last->scope == change.key.scope &&
                          last->id.compare(0, end + 1, id, 0, end + 1) == 0;
        if (told && end != id.npos) continue;
        last = &change.key;
      }
      const auto shard = end == id.npos ? Shard{} : parse_shard(id.substr(end + 1));
      for (Slot* const affected : slots_of(change.key.scope, id.substr(0, end))) {
        // A revocation outdates what does not cover it. A CRL that somebody else wrote outdates
        // ours.
        if (!revocation && shard) forget(*affected, *shard);
        if (!revocation) continue;
        const std::scoped_lock lock(affected->mutex);
        affected->must_cover = committed.first_index + committed.set->entries.size();
      }
    }
  }
}

CrlPublisher::PublishedPtr CrlPublisher::fresh(const Authority& authority, Slot& slot,
                                               const CrlName& name,
                                               const StatusSettings& settings) const {
  const bool makes_own = authority.signer() != nullptr;
  const std::scoped_lock lock(slot.mutex);
  const TimePoint now = clock_.now();
  const PublishedPtr complete = slot.tracks[{CrlKind::kComplete, name.shard}].published;
  if (!complete) return nullptr;
  const bool imported = complete->covers == UINT64_MAX;
  if (imported && makes_own) return nullptr;  // its key came since
  if (!imported) {
    const bool as_set =
        complete->next_update - complete->this_update == settings.crl_validity.value &&
        complete->disabled == settings.crl_disabled;
    const bool covers =
        settings.auto_rebuild || settings.crl_disabled || complete->covers >= slot.must_cover;
    if (!as_set || !covers) return nullptr;
  }
  if (!(now < renewal_time(*complete, imported ? StatusSettings{} : settings))) return nullptr;
  if (name.kind == CrlKind::kComplete) return complete;
  const PublishedPtr delta = slot.tracks[name].published;
  if (!delta || delta->base != complete->number) return nullptr;
  const bool covers = settings.crl_disabled || delta->covers >= slot.must_cover ||
                      now < delta->this_update + settings.delta_interval.value;
  const auto half = (delta->next_update - delta->this_update) / 2;
  return covers && now < delta->this_update + half ? delta : nullptr;
}

Result<std::shared_ptr<const PublishedCrl>> CrlPublisher::current(const Authority& authority,
                                                                  CrlName name,
                                                                  const OnLane* on_lane) {
  const StatusSettings settings = TRY(settings_.find_for(authority));
  if (name.shard.count > settings.crl_shards)
    return fail(Code::kNotFound, "this mount has no such shards: crl_shards");
  Slot& s = slot(authority);
  if (auto published = fresh(authority, s, name, settings)) return published;
  if (on_lane == nullptr) return std::shared_ptr<const PublishedCrl>{};
  const std::scoped_lock building(s.building);
  if (auto published = fresh(authority, s, name, settings)) return published;
  if (auto last = last_for_now(s, name)) return last;
  auto published = make(authority, s, name, settings, *on_lane);
  if (!published) return TRY(last_published(authority, s, name, std::move(published).error()));
  keep(s, name, *published);
  return *published;
}

Result<bool> CrlPublisher::is_outdated(const Authority& authority, CrlName name) {
  const StatusSettings settings = TRY(settings_.find_for(authority));
  Slot& s = slot(authority);
  if (fresh(authority, s, name, settings)) return false;
  const std::scoped_lock lock(s.mutex);
  return s.tracks[name].published != nullptr;
}

Result<void> CrlPublisher::rotate(const Authority& authority, CrlKind kind, const OnLane& on_lane) {
  if (authority.signer() == nullptr) return {};
  const StatusSettings settings = TRY(settings_.find_for(authority));
  Slot& s = slot(authority);
  const std::scoped_lock building(s.building);
  auto made = TRY(kind == CrlKind::kDelta
                      ? build_delta(authority, s, {}, settings, on_lane)
                      : build_complete(authority, s, {}, settings, std::nullopt, on_lane));
  keep(s, kind, std::move(made));
  return {};
}

Result<void> CrlPublisher::compact(const Authority& authority, const std::stop_token& stop,
                                   const OnLane& on_lane) {
  if (authority.signer() == nullptr) return {};
  const auto row = TRY(store_.state().get(row_key(authority, {})));
  if (!row) return {};  // nothing was published: nothing can have been tidied away
  const CrlState before = TRY(decode_crl_state(row->value));
  const NextFile next{before.generation + 1, store_.log().size()};
  CrlEntryFile file(store_, authority, next.generation, next.tidied_below);
  TRY(file.remove());  // what a compaction that was cut off left
  TRY(file.catch_up(stop));

  const StatusSettings settings = TRY(settings_.find_for(authority));
  Slot& s = slot(authority);
  const std::scoped_lock building(s.building);
  auto made = TRY(build_complete(authority, s, {}, settings, next, on_lane));
  keep(s, CrlKind::kComplete, std::move(made));
  return CrlEntryFile(store_, authority, before.generation, 0).remove();
}

void CrlPublisher::keep(Slot& slot, const CrlName& name, PublishedPtr published) {
  const std::scoped_lock lock(slot.mutex);
  slot.tracks[name] = {std::move(published), nullptr, {}};
}

void CrlPublisher::forget(Slot& slot, const Shard& shard) {
  const std::scoped_lock lock(slot.mutex);
  for (const CrlKind kind : {CrlKind::kComplete, CrlKind::kDelta})
    slot.tracks.erase(CrlName{kind, shard});
}

// Times of HTTP are whole seconds. A client that has the last CRL of a second must not be told that
// it has the next one of the same second.
void CrlPublisher::date(Slot& slot, const CrlName& name, std::optional<TimePoint> earlier,
                        Published& made) const {
  const std::scoped_lock lock(slot.mutex);
  const TimePoint now = std::max(clock_.now(), made.this_update);
  const auto [known, is_new] = slot.modified.try_emplace(name, now);
  const bool alone = is_new ? !earlier || *earlier + kLongestBuild < now : known->second < now;
  if (alone) made.modified = now;
  known->second = std::max(known->second, now);
}

bool CrlPublisher::in_memory(Slot& slot) {
  const std::scoped_lock lock(slot.mutex);
  return slot.tracks[CrlKind::kComplete].published != nullptr;
}

CrlPublisher::PublishedPtr CrlPublisher::last_for_now(Slot& slot, const CrlName& name) const {
  const std::scoped_lock lock(slot.mutex);
  const Track& track = slot.tracks[name];
  const TimePoint now = clock_.now();
  // A clock that was set back must not make the pause longer.
  const bool pauses = track.last && now < track.try_again && track.try_again <= now + kPause;
  return pauses && now < track.last->next_update ? track.last : nullptr;
}

// A store that cannot be written gives no number for a new CRL. Relying parties that find none at
// all refuse everybody, so the last one is given out for as long as it promised to hold.
Result<CrlPublisher::PublishedPtr> CrlPublisher::last_published(const Authority& authority,
                                                                Slot& slot, const CrlName& name,
                                                                Error why) {
  if (!store_fails(why.code) || authority.signer() == nullptr) return std::unexpected(why);
  TRY(gate_.check());
  PublishedPtr last;
  {
    const std::scoped_lock lock(slot.mutex);
    const Track& track = slot.tracks[name];
    last = track.published ? track.published : track.last;
  }
  if (!last && name == CrlKind::kComplete) {
    const StatusSettings settings = TRY(settings_.find_for(authority));
    last = make_again(authority, settings).value_or(nullptr);
  }
  if (!last || clock_.now() >= last->next_update) return std::unexpected(why);
  log_.warning("no new CRL can be recorded; the last one is given out",
               {{"authority", authority.id()}, {"reason", why.to_string()}});
  const std::scoped_lock lock(slot.mutex);
  slot.tracks[name].last = last;
  slot.tracks[name].try_again = clock_.now() + kPause;
  return last;
}

// make_again signs the same content as that of the last recorded CRL: after a start, none is in
// memory.
Result<CrlPublisher::PublishedPtr> CrlPublisher::make_again(const Authority& authority,
                                                            const StatusSettings& settings) {
  TRY(gate_.check());
  const auto row = TRY(store_.state().get(row_key(authority, {})));
  if (!row) return fail(Code::kNotFound, "no CRL was published yet");
  const auto state = TRY(decode_crl_state(row->value));
  const CrlEntryFile file(store_, authority, state.generation, state.tidied_below);
  const auto content = TRY(file.open());
  if (!state.entries || content.bytes.size() < *state.entries)
    return fail(Code::kNotFound, "the entries of the last CRL are not there");
  Published again;
  again.number = state.number;
  again.this_update = state.this_update;
  again.next_update = state.next_update;
  again.disabled = state.disabled;
  again.entries = *state.entries;
  again.generation = state.generation;
  again.tidied_below = state.tidied_below;
  again.held = TRY(parse_held(state.held));
  CrlParts parts;
  const BytesView revoked = content.bytes.first(*state.entries);
  const Bytes inherited = TRY(still_inherited(state.inherited, revoked, again.held));
  if (!state.disabled) parts.entries = {revoked, state.held, inherited};
  parts.freshest = TRY(freshest_crl(authority, {}, settings));
  TRY(build_crl(store_.files(), authority, parts, again));
  return std::make_shared<const Published>(std::move(again));
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::load_imported(const Authority& authority,
                                                               Slot& slot) {
  CrlState state = TRY(read_last_crl(store_.state(), authority, {})).state;
  if (state.imported.empty()) {
    return fail(Code::kNotFound,
                "this authority's key is kept elsewhere and none of its CRLs was imported");
  }
  Published imported;
  imported.number = state.number;
  imported.this_update = state.this_update;
  imported.next_update = state.next_update;
  imported.covers = UINT64_MAX;
  imported.der = CrlContent(std::move(state.imported));
  date(slot, CrlKind::kComplete, std::nullopt, imported);
  return std::make_shared<const Published>(std::move(imported));
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::make(const Authority& authority, Slot& slot,
                                                      const CrlName& name,
                                                      const StatusSettings& settings,
                                                      const OnLane& on_lane) {
  if (name.kind == CrlKind::kDelta)
    return build_delta(authority, slot, name.shard, settings, on_lane);
  if (!name.shard.whole()) {
    if (authority.signer() == nullptr)
      return fail(Code::kNotFound, "this authority's key is kept elsewhere: it has no shards here");
    return build_complete(authority, slot, name.shard, settings, std::nullopt, on_lane);
  }
  return make_complete(authority, slot, settings, on_lane);
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::make_complete(const Authority& authority,
                                                               Slot& slot,
                                                               const StatusSettings& settings,
                                                               const OnLane& on_lane) {
  if (authority.signer() == nullptr) return load_imported(authority, slot);
  if (settings.auto_rebuild && !in_memory(slot)) {
    // A start is no reason for a new number: what was published holds until its grace period.
    if (auto again = make_again(authority, settings)) {
      keep(slot, CrlKind::kComplete, *again);
      if (auto published = fresh(authority, slot, CrlKind::kComplete, settings)) return published;
    }
  }
  return build_complete(authority, slot, {}, settings, std::nullopt, on_lane);
}

Result<void> CrlPublisher::record(const Authority& authority, const Shard& shard,
                                  const std::optional<record::StateRow>& before,
                                  const CrlState& state, const Published& made,
                                  const OnLane& on_lane) {
  const record::StateKey key = row_key(authority, shard);
  record::WriteSet writes;
  before ? writes.require_version(key, before->version) : writes.require_absent(key);
  writes.put(key, encode(state));
  record::Event event{
      record::EventKind::kCrlPublished,
      made.this_update,
      authority.scope(),
      "system",
      {},
      authority.id(),
      {{"number", std::to_string(made.number)}, {"size", std::to_string(made.der.size())}},
      {}};
  if (made.base != 0) event.details.push_back({"delta_base", std::to_string(made.base)});
  if (!shard.whole()) event.details.push_back({"shard", to_string(shard)});
  writes.append(event);
  TRY(store_.committer().submit(std::move(writes)).wait(on_lane));
  log_.info("CRL published", {{"authority", authority.id()},
                              {"number", made.number},
                              {"delta", made.base != 0},
                              {"bytes", made.der.size()}});
  return {};
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::build_complete(const Authority& authority,
                                                                Slot& slot, const Shard& shard,
                                                                const StatusSettings& settings,
                                                                std::optional<NextFile> next,
                                                                const OnLane& on_lane) {
  // The last CRL of the lost node may name certificates that are not in the backup as revoked: a
  // new one would make them good again.
  TRY(gate_.check());
  CrlParts parts;
  parts.shard = shard;
  parts.freshest = TRY(freshest_crl(authority, shard, settings));
  if (!shard.whole()) parts.scope = TRY(shard_scope(authority, shard));
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    LastCrl last = TRY(read_last_crl(store_.state(), authority, {}));
    if (next) {
      last.state.generation = next->generation;
      last.state.tidied_below = next->tidied_below;
    }
    const std::uint32_t generation = last.state.generation;
    const std::uint64_t tidied_below = last.state.tidied_below;
    last.state.inherited = TRY(inherited_entries(last.state));
    const Bytes inherited = last.state.inherited;
    CrlEntryFile file(store_, authority, generation, tidied_below);
    // Shards share the file of the authority, and have numbers of their own.
    if (!shard.whole()) {
      // The first one begins behind the authority's own: a restore raises only what it finds.
      const std::uint64_t used = last.used;
      last = TRY(read_last_crl(store_.state(), authority, shard));
      if (!last.row) last.used = std::max(last.used, used);
    }
    CrlState& state = last.state;
    EntrySet set = TRY(read_entries(store_, file, 0, authority));
    const Bytes held = joined(set.held);
    Published made;
    made.covers = set.covers;
    // The clock may have been set back: neither number nor time of a CRL ever does.
    made.this_update = std::max(clock_.now(), state.this_update);
    made.next_update = made.this_update + settings.crl_validity.value;
    made.number = last.used + 1;
    made.disabled = settings.crl_disabled;
    made.entries = set.file.bytes.size();
    made.generation = generation;
    made.tidied_below = tidied_below;
    const Bytes left = TRY(still_inherited(inherited, set.file.bytes, set.held));
    parts.entries = {set.file.bytes, held, left};
    if (made.disabled) parts.entries = {};
    TRY(build_crl(store_.files(), authority, parts, made));
    made.held = std::move(set.held);

    const auto earlier = last.row ? std::optional(state.this_update) : std::nullopt;
    state.number = made.number;
    state.this_update = made.this_update;
    state.next_update = made.next_update;
    state.imported.clear();
    state.entries.reset();
    state.held.clear();
    if (shard.whole() && held.size() <= kMostHeld) {
      state.entries = made.entries;
      state.held = held;
    }
    state.disabled = made.disabled;
    state.delta_number.reset();
    const auto recorded = record(authority, shard, last.row, state, made, on_lane);
    if (recorded) {
      date(slot, {CrlKind::kComplete, shard}, earlier, made);
      return std::make_shared<const Published>(std::move(made));
    }
    // Another publisher took the number.
    if (recorded.error().code != Code::kConflict) return std::unexpected(recorded.error());
  }
  return fail(Code::kUnavailable, "others keep publishing this authority's CRL");
}

// A delta CRL has what was appended to the entry file since its complete CRL.
Result<CrlPublisher::PublishedPtr> CrlPublisher::build_delta(const Authority& authority, Slot& slot,
                                                             const Shard& shard,
                                                             const StatusSettings& settings,
                                                             const OnLane& on_lane) {
  if (authority.signer() == nullptr)
    return fail(Code::kNotFound,
                "this authority's key is kept elsewhere: it has no delta CRL here");
  TRY(gate_.check());
  const CrlName complete_name{CrlKind::kComplete, shard};
  CrlParts parts;
  parts.shard = shard;
  if (!shard.whole()) parts.scope = TRY(shard_scope(authority, shard));
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    PublishedPtr complete = fresh(authority, slot, complete_name, settings);
    if (!complete) {
      complete = TRY(make(authority, slot, complete_name, settings, on_lane));
      keep(slot, complete_name, complete);
    }
    CrlEntryFile file(store_, authority, complete->generation, complete->tidied_below);
    if (TRY(file.open(complete->entries)).bytes.size() < complete->entries) {
      // The file was lost; the one that is made anew need not have the same order.
      complete = TRY(build_complete(authority, slot, shard, settings, std::nullopt, on_lane));
      keep(slot, complete_name, complete);
      continue;
    }
    Published made;
    const EntrySet set = TRY(read_entries(store_, file, complete->entries, authority));
    made.covers = set.covers;
    const auto row = TRY(store_.state().get(row_key(authority, shard)));
    if (!row) return fail(Code::kDataLoss, "a published CRL has no record");
    CrlState state = TRY(decode_crl_state(row->value));
    if (state.number != complete->number) {  // another publisher was here
      forget(slot, shard);
      continue;
    }
    made.base = complete->number;
    made.number = state.last_number() + 1;
    made.this_update = std::max(clock_.now(), complete->this_update);
    made.next_update =
        made.this_update + std::max(2 * settings.delta_interval.value, kLeastDeltaValidity);
    const BytesView revoked = set.file.bytes.subspan(complete->entries);
    const Bytes held = TRY(delta_of_held(complete->held, set.held, revoked));
    parts.base = made.base;
    parts.entries = {revoked, held, {}};
    if (settings.crl_disabled) parts.entries = {};
    TRY(build_crl(store_.files(), authority, parts, made));
    // When the last delta was made is not known, but behind which complete CRL it came.
    const auto earlier = state.delta_number ? std::optional(made.this_update) : std::nullopt;
    state.delta_number = made.number;
    const auto recorded = record(authority, shard, row, state, made, on_lane);
    // The commit dropped what was in memory, as if another publisher had made it.
    if (recorded) {
      keep(slot, complete_name, complete);
      date(slot, {CrlKind::kDelta, shard}, earlier, made);
      return std::make_shared<const Published>(std::move(made));
    }
    if (recorded.error().code != Code::kConflict) return std::unexpected(recorded.error());
    forget(slot, shard);
  }
  return fail(Code::kUnavailable, "others keep publishing this authority's CRL");
}

}  // namespace chancery::ca
