#include "ca/crl_publisher.h"

#include <algorithm>

#include "asn1/writer.h"
#include "ca/crl_entry_file.h"
#include "x509/crl.h"
#include "x509/oids.h"

namespace chancery::ca {
namespace {

constexpr int kMaxConflicts = 8;
// How long the last CRL is given out before a new one is tried, while the store cannot be written.
constexpr seconds kPause{5};
// The least validity of a delta CRL, however often one is made: clients keep it so long.
constexpr seconds kLeastDeltaValidity{600};

std::string slot_name(const record::Scope& scope, std::string_view issuer_id) {
  return scope.tenant + '\0' + scope.mount + '\0' + std::string(issuer_id);
}

// store_fails says that the store would not take the record of a CRL.
bool store_fails(Code code) {
  return code == Code::kUnavailable || code == Code::kStorageFull || code == Code::kUnknownOutcome;
}

Bytes delta_indicator(std::uint64_t base) {
  asn1::Writer w(16);
  w.unsigned_integer(crl_number_octets(base));
  return std::move(w).take();
}

// sign makes the CRL that `meta` describes; a delta where there is a base.
Result<std::shared_ptr<const Bytes>> sign(const Authority& authority, const PublishedCrl& meta,
                                          std::optional<std::uint64_t> base, BytesView entries) {
  x509::CrlHeader header;
  header.scheme = authority.revocation_scheme();
  const BytesView issuer = authority.certificate().subject().der();
  header.issuer = issuer;
  header.this_update = meta.this_update;
  header.next_update = meta.next_update;
  const Bytes number = crl_number_octets(meta.number);
  header.number = number;
  header.authority_key_id = authority.key_identifier();
  const Bytes indicator = base ? delta_indicator(*base) : Bytes{};
  const x509::Extension extension{x509::oids::kDeltaCrlIndicator, true, indicator};
  if (base) header.more = {&extension, 1};
  Bytes tbs = x509::encode_tbs_crl(header, entries);
  const Bytes signature = TRY(authority.signer()->sign(header.scheme, tbs));
  return std::make_shared<const Bytes>(
      x509::assemble_crl(std::move(tbs), header.scheme, signature));
}

// When a complete CRL is to be followed by the next one, revocations aside.
TimePoint renewal_time(const PublishedCrl& crl, const StatusSettings& settings) {
  if (settings.auto_rebuild)
    return crl.next_update - std::max(settings.grace_period.value, seconds{0});
  return crl.this_update + (crl.next_update - crl.this_update) / 2;
}

}  // namespace

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
      // What a tidy erases stays in the CRL until the entry file is written anew.
      if (revocation && change.operation == record::StateChange::Operation::kErase) continue;
      const std::string_view issuer_id =
          std::string_view(change.key.id).substr(0, change.key.id.find(':'));
      Slot& affected = slot(change.key.scope, issuer_id);
      const std::scoped_lock lock(affected.mutex);
      // A revocation outdates what does not cover it. A CRL that somebody else wrote outdates ours.
      if (revocation) affected.must_cover = committed.first_index + committed.set->entries.size();
      if (!revocation) affected.tracks = {};
    }
  }
}

CrlPublisher::PublishedPtr CrlPublisher::fresh(Slot& slot, CrlKind kind,
                                               const StatusSettings& settings) const {
  const std::scoped_lock lock(slot.mutex);
  const TimePoint now = clock_.now();
  const PublishedPtr& complete = slot.track(CrlKind::kComplete).published;
  if (!complete) return nullptr;
  const bool imported = complete->covers == UINT64_MAX;
  if (!imported) {
    const bool as_set =
        complete->next_update - complete->this_update == settings.crl_validity.value &&
        complete->disabled == settings.crl_disabled;
    const bool covers =
        settings.auto_rebuild || settings.crl_disabled || complete->covers >= slot.must_cover;
    if (!as_set || !covers) return nullptr;
  }
  if (!(now < renewal_time(*complete, imported ? StatusSettings{} : settings))) return nullptr;
  if (kind == CrlKind::kComplete) return complete;
  const PublishedPtr& delta = slot.track(CrlKind::kDelta).published;
  if (!delta || delta->base != complete->number) return nullptr;
  const bool covers = settings.crl_disabled || delta->covers >= slot.must_cover ||
                      now < delta->this_update + settings.delta_interval.value;
  const auto half = (delta->next_update - delta->this_update) / 2;
  return covers && now < delta->this_update + half ? delta : nullptr;
}

Result<std::shared_ptr<const PublishedCrl>> CrlPublisher::current(const Authority& authority,
                                                                  CrlKind kind,
                                                                  const OnLane* on_lane) {
  const StatusSettings settings = TRY(settings_.find_for(authority));
  Slot& s = slot(authority.scope(), authority.id());
  if (auto published = fresh(s, kind, settings)) return published;
  if (on_lane == nullptr) return std::shared_ptr<const PublishedCrl>{};
  const std::scoped_lock building(s.building);
  if (auto published = fresh(s, kind, settings)) return published;
  if (auto last = last_for_now(s, kind)) return last;
  auto published = make(authority, s, kind, settings, *on_lane);
  if (!published) return TRY(last_published(authority, s, kind, std::move(published).error()));
  keep(s, kind, *published);
  return *published;
}

Result<void> CrlPublisher::rotate(const Authority& authority, CrlKind kind, const OnLane& on_lane) {
  if (authority.signer() == nullptr) return {};
  const StatusSettings settings = TRY(settings_.find_for(authority));
  Slot& s = slot(authority.scope(), authority.id());
  const std::scoped_lock building(s.building);
  auto made =
      TRY(kind == CrlKind::kDelta ? build_delta(authority, s, settings, on_lane)
                                  : build_complete(authority, settings, std::nullopt, on_lane));
  keep(s, kind, std::move(made));
  return {};
}

Result<void> CrlPublisher::compact(const Authority& authority, const std::stop_token& stop,
                                   const OnLane& on_lane) {
  if (authority.signer() == nullptr) return {};
  const auto row = TRY(store_.state().get(crl_key(authority.scope(), authority.id())));
  if (!row) return {};  // nothing was published: nothing can have been tidied away
  const CrlState before = TRY(decode_crl_state(row->value));
  const NextFile next{before.generation + 1, store_.log().size()};
  CrlEntryFile file(store_, authority, next.generation, next.tidied_below);
  TRY(file.remove());  // what a compaction that was cut off left
  TRY(file.catch_up(stop));

  const StatusSettings settings = TRY(settings_.find_for(authority));
  Slot& s = slot(authority.scope(), authority.id());
  const std::scoped_lock building(s.building);
  auto made = TRY(build_complete(authority, settings, next, on_lane));
  keep(s, CrlKind::kComplete, std::move(made));
  return CrlEntryFile(store_, authority, before.generation, 0).remove();
}

void CrlPublisher::keep(Slot& slot, CrlKind kind, PublishedPtr published) {
  const std::scoped_lock lock(slot.mutex);
  slot.track(kind) = {std::move(published), nullptr, {}};
}

void CrlPublisher::forget(Slot& slot) {
  const std::scoped_lock lock(slot.mutex);
  slot.tracks = {};
}

bool CrlPublisher::in_memory(Slot& slot) {
  const std::scoped_lock lock(slot.mutex);
  return slot.track(CrlKind::kComplete).published != nullptr;
}

CrlPublisher::PublishedPtr CrlPublisher::last_for_now(Slot& slot, CrlKind kind) const {
  const std::scoped_lock lock(slot.mutex);
  const Track& track = slot.track(kind);
  const TimePoint now = clock_.now();
  // A clock that was set back must not make the pause longer.
  const bool pauses = track.last && now < track.try_again && track.try_again <= now + kPause;
  return pauses && now < track.last->next_update ? track.last : nullptr;
}

// A store that cannot be written gives no number for a new CRL. Relying parties that find none at
// all refuse everybody, so the last one is given out for as long as it promised to hold.
Result<CrlPublisher::PublishedPtr> CrlPublisher::last_published(const Authority& authority,
                                                                Slot& slot, CrlKind kind,
                                                                Error why) {
  if (!store_fails(why.code) || authority.signer() == nullptr) return std::unexpected(why);
  TRY(gate_.check());
  PublishedPtr last;
  {
    const std::scoped_lock lock(slot.mutex);
    const Track& track = slot.track(kind);
    last = track.published ? track.published : track.last;
  }
  if (!last && kind == CrlKind::kComplete) last = make_again(authority).value_or(nullptr);
  if (!last || clock_.now() >= last->next_update) return std::unexpected(why);
  log_.warning("no new CRL can be recorded; the last one is given out",
               {{"authority", authority.id()}, {"reason", why.to_string()}});
  const std::scoped_lock lock(slot.mutex);
  slot.track(kind).last = last;
  slot.track(kind).try_again = clock_.now() + kPause;
  return last;
}

// make_again signs the same content as that of the last recorded CRL: after a start, none is in
// memory.
Result<CrlPublisher::PublishedPtr> CrlPublisher::make_again(const Authority& authority) {
  TRY(gate_.check());
  const auto row = TRY(store_.state().get(crl_key(authority.scope(), authority.id())));
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
  again.der = TRY(sign(authority, again, std::nullopt,
                       content.bytes.first(state.disabled ? 0 : *state.entries)));
  return std::make_shared<const Published>(std::move(again));
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::load_imported(const Authority& authority) {
  const auto row = TRY(store_.state().get(crl_key(authority.scope(), authority.id())));
  if (!row) {
    return fail(Code::kNotFound,
                "this authority's key is kept elsewhere and none of its CRLs was imported");
  }
  auto state = TRY(decode_crl_state(row->value));
  Published imported;
  imported.number = state.number;
  imported.this_update = state.this_update;
  imported.next_update = state.next_update;
  imported.covers = UINT64_MAX;
  imported.der = std::make_shared<const Bytes>(std::move(state.imported));
  return std::make_shared<const Published>(std::move(imported));
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::make(const Authority& authority, Slot& slot,
                                                      CrlKind kind, const StatusSettings& settings,
                                                      const OnLane& on_lane) {
  if (kind == CrlKind::kDelta) return build_delta(authority, slot, settings, on_lane);
  return make_complete(authority, slot, settings, on_lane);
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::make_complete(const Authority& authority,
                                                               Slot& slot,
                                                               const StatusSettings& settings,
                                                               const OnLane& on_lane) {
  if (authority.signer() == nullptr) return load_imported(authority);
  if (settings.auto_rebuild && !in_memory(slot)) {
    // A start is no reason for a new number: what was published holds until its grace period.
    if (auto again = make_again(authority)) {
      keep(slot, CrlKind::kComplete, *again);
      if (auto published = fresh(slot, CrlKind::kComplete, settings)) return published;
    }
  }
  return build_complete(authority, settings, std::nullopt, on_lane);
}

Result<void> CrlPublisher::record(const Authority& authority,
                                  const std::optional<record::StateRow>& before,
                                  const CrlState& state, const Published& made,
                                  const OnLane& on_lane) {
  const record::StateKey key = crl_key(authority.scope(), authority.id());
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
      {{"number", std::to_string(made.number)}, {"size", std::to_string(made.der->size())}},
      {}};
  if (made.base != 0) event.details.push_back({"delta_base", std::to_string(made.base)});
  writes.append(event);
  TRY(store_.committer().submit(std::move(writes)).wait(on_lane));
  log_.info("CRL published", {{"authority", authority.id()},
                              {"number", made.number},
                              {"delta", made.base != 0},
                              {"bytes", made.der->size()}});
  return {};
}

Result<CrlPublisher::PublishedPtr> CrlPublisher::build_complete(const Authority& authority,
                                                                const StatusSettings& settings,
                                                                std::optional<NextFile> next,
                                                                const OnLane& on_lane) {
  // The last CRL of the lost node may name certificates that are not in the backup as revoked: a
  // new one would make them good again.
  TRY(gate_.check());
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    const auto row = TRY(store_.state().get(crl_key(authority.scope(), authority.id())));
    CrlState state;
    if (row) state = TRY(decode_crl_state(row->value));
    if (next) {
      state.generation = next->generation;
      state.tidied_below = next->tidied_below;
    }
    CrlEntryFile file(store_, authority, state.generation, state.tidied_below);
    Published made;
    made.covers = TRY(file.catch_up());
    const auto content = TRY(file.open());
    // The clock may have been set back: neither number nor time of a CRL ever does.
    made.this_update = std::max(clock_.now(), state.this_update);
    made.next_update = made.this_update + settings.crl_validity.value;
    made.number = state.last_number() + 1;
    made.disabled = settings.crl_disabled;
    made.entries = content.bytes.size();
    made.generation = state.generation;
    made.tidied_below = state.tidied_below;
    made.der = TRY(sign(authority, made, std::nullopt,
                        made.disabled ? BytesView{} : BytesView(content.bytes)));

    state.number = made.number;
    state.this_update = made.this_update;
    state.next_update = made.next_update;
    state.imported.clear();
    state.entries = made.entries;
    state.disabled = made.disabled;
    state.delta_number.reset();
    const auto recorded = record(authority, row, state, made, on_lane);
    if (recorded) return std::make_shared<const Published>(std::move(made));
    // Another publisher took the number.
    if (recorded.error().code != Code::kConflict) return std::unexpected(recorded.error());
  }
  return fail(Code::kUnavailable, "others keep publishing this authority's CRL");
}

// A delta CRL has what was appended to the entry file since its complete CRL.
Result<CrlPublisher::PublishedPtr> CrlPublisher::build_delta(const Authority& authority, Slot& slot,
                                                             const StatusSettings& settings,
                                                             const OnLane& on_lane) {
  if (authority.signer() == nullptr)
    return fail(Code::kNotFound,
                "this authority's key is kept elsewhere: it has no delta CRL here");
  TRY(gate_.check());
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    PublishedPtr complete = fresh(slot, CrlKind::kComplete, settings);
    if (!complete) {
      complete = TRY(make_complete(authority, slot, settings, on_lane));
      keep(slot, CrlKind::kComplete, complete);
    }
    CrlEntryFile file(store_, authority, complete->generation, complete->tidied_below);
    if (TRY(file.open()).bytes.size() < complete->entries) {
      // The file was lost; the one that is made anew need not have the same order.
      complete = TRY(build_complete(authority, settings, std::nullopt, on_lane));
      keep(slot, CrlKind::kComplete, complete);
      continue;
    }
    Published made;
    made.covers = TRY(file.catch_up());
    const auto content = TRY(file.open());
    const auto row = TRY(store_.state().get(crl_key(authority.scope(), authority.id())));
    if (!row) return fail(Code::kDataLoss, "a published CRL has no record");
    CrlState state = TRY(decode_crl_state(row->value));
    if (state.number != complete->number) {  // another publisher was here
      forget(slot);
      continue;
    }
    made.base = complete->number;
    made.number = state.last_number() + 1;
    made.this_update = std::max(clock_.now(), complete->this_update);
    made.next_update =
        made.this_update + std::max(2 * settings.delta_interval.value, kLeastDeltaValidity);
    made.der =
        TRY(sign(authority, made, made.base,
                 settings.crl_disabled ? BytesView{} : content.bytes.subspan(complete->entries)));
    state.delta_number = made.number;
    const auto recorded = record(authority, row, state, made, on_lane);
    // The commit dropped what was in memory, as if another publisher had made it.
    if (recorded) {
      keep(slot, CrlKind::kComplete, complete);
      return std::make_shared<const Published>(std::move(made));
    }
    if (recorded.error().code != Code::kConflict) return std::unexpected(recorded.error());
    forget(slot);
  }
  return fail(Code::kUnavailable, "others keep publishing this authority's CRL");
}

}  // namespace chancery::ca
