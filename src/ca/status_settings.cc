#include "ca/status_settings.h"

#include <bit>

#include "access/grant_event.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "record/state_cache.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kMostMounts = 1024;
constexpr std::size_t kMaxSpan = 64;  // characters
constexpr std::string_view kSettingsId = "crl";

Error bad(std::string_view field, std::string detail) {
  return Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field);
}

Result<Span> read_span(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  auto span = parse_span(text);
  if (!span) return reader.error("status settings have no duration where one belongs");
  return span;
}

void write_span(asn1::Writer& w, const Span& span) { w.element(asn1::kUtf8String, span.text); }

std::string flag(bool value) { return value ? "true" : "false"; }

// has_extensions says whether anything differs from the defaults that Vault's settings lack.
bool has_extensions(const StatusSettings& s) {
  const StatusSettings d;
  return s.ocsp_unissued != d.ocsp_unissued || s.ocsp_delegated != d.ocsp_delegated ||
         !(s.delegate_validity == d.delegate_validity) || !(s.ocsp_reuse == d.ocsp_reuse) ||
         !(s.publish_within == d.publish_within) || s.crl_shards != d.crl_shards ||
         s.may_revoke_unknown != d.may_revoke_unknown;
}

Result<void> read_extensions(asn1::Reader& reader, StatusSettings& s) {
  const std::int64_t unissued = TRY(reader.read_int64(asn1::kEnumerated));
  if (unissued < 0 || unissued > 2) return reader.error("status settings have an unknown answer");
  s.ocsp_unissued = static_cast<UnissuedAnswer>(unissued);
  s.ocsp_delegated = TRY(reader.read_boolean());
  s.delegate_validity = TRY(read_span(reader));
  s.ocsp_reuse = TRY(read_span(reader));
  s.publish_within = TRY(read_span(reader));
  const std::int64_t shards = TRY(reader.read_int64());
  if (shards < 0 || shards > kMostCrlShards)
    return reader.error("status settings have too many CRL shards", Code::kTooLarge);
  s.crl_shards = static_cast<unsigned>(shards);
  s.may_revoke_unknown = TRY(reader.read_boolean());
  if (!has_extensions(s)) return reader.error("status settings are not in their shortest form");
  return {};
}

constexpr seconds kShortestDelegate{3600};
constexpr seconds kLongestDelegate{30LL * 86'400};  // of the profile for responders
// Far more than anybody wants; what is good beyond the year 9999 could not be written.
constexpr seconds kLongestValidity{8'760'000LL * 3600};

Result<void> check_extensions(const StatusSettings& s) {
  TRY(check_delegate_validity(s.delegate_validity.value));
  if (s.ocsp_reuse.value.count() < 0)
    return std::unexpected(bad("ocsp_reuse", "ocsp_reuse must not be negative"));
  if (s.publish_within.value.count() < 0)
    return std::unexpected(bad("publish_within", "publish_within must not be negative"));
  if (s.crl_shards != 0 && (s.crl_shards > kMostCrlShards || !std::has_single_bit(s.crl_shards)))
    return std::unexpected(bad("crl_shards", "crl_shards can be 0 or a power of two up to 256"));
  return {};
}

}  // namespace

Result<Span> parse_span(std::string_view text) {
  if (text.size() > kMaxSpan) return fail(Code::kTooLarge, "the duration is too long a text");
  return Span{std::string(text), TRY(parse_duration(text))};
}

Result<void> check_delegate_validity(seconds validity) {
  if (kShortestDelegate <= validity && validity <= kLongestDelegate) return {};
  return std::unexpected(bad("ocsp_delegate_validity", "ocsp_delegate_validity can be 1h to 30d"));
}

Result<void> check_status_settings(const StatusSettings& s) {
  if (s.crl_validity.value.count() <= 0)
    return std::unexpected(bad("expiry", "expiry must be greater than 0"));
  if (s.crl_validity.value > kLongestValidity)
    return std::unexpected(bad("expiry", "expiry must not be over 8760000h"));
  if (s.ocsp_validity.value > kLongestValidity)
    return std::unexpected(bad("ocsp_expiry", "ocsp_expiry must not be over 8760000h"));
  if (s.ocsp_validity.value.count() < 0) {
    return std::unexpected(
        bad("ocsp_expiry", "ocsp_expiry must be greater than or equal to 0 got: " +
                               format_duration(s.ocsp_validity.value)));
  }
  if (s.auto_rebuild && s.grace_period.value >= s.crl_validity.value) {
    return std::unexpected(bad("auto_rebuild_grace_period",
                               "CRL auto-rebuilding grace period (" + s.grace_period.text +
                                   ") must be strictly shorter than CRL expiry (" +
                                   s.crl_validity.text +
                                   ") value when auto-rebuilding of CRLs is enabled"));
  }
  if (s.delta_enabled && s.delta_interval.value >= s.crl_validity.value) {
    return std::unexpected(bad("delta_rebuild_interval",
                               "CRL delta rebuild window (" + s.delta_interval.text +
                                   ") must be strictly shorter than CRL expiry (" +
                                   s.crl_validity.text + ") value when delta CRLs are enabled"));
  }
  if (s.delta_enabled && !s.auto_rebuild) {
    return std::unexpected(bad("enable_delta",
                               "Delta CRLs cannot be enabled when auto rebuilding is disabled as "
                               "the complete CRL is always regenerated!"));
  }
  return check_extensions(s);
}

std::string_view name(UnissuedAnswer answer) {
  switch (answer) {
    case UnissuedAnswer::kUnknown:
      return "unknown";
    case UnissuedAnswer::kRevoked:
      return "revoked";
    case UnissuedAnswer::kGood:
      return "good";
  }
  return "unknown";
}

std::optional<UnissuedAnswer> unissued_answer(std::string_view text) {
  for (const auto answer :
       {UnissuedAnswer::kUnknown, UnissuedAnswer::kRevoked, UnissuedAnswer::kGood}) {
    if (text == name(answer)) return answer;
  }
  return std::nullopt;
}

Bytes encode(const StatusSettings& s) {
  const bool extended = has_extensions(s);
  asn1::Writer w(224);
  w.sequence([&] {
    w.integer(extended ? 2 : 1);
    write_span(w, s.crl_validity);
    w.boolean(s.crl_disabled);
    write_span(w, s.ocsp_validity);
    w.boolean(s.ocsp_disabled);
    w.boolean(s.auto_rebuild);
    write_span(w, s.grace_period);
    w.boolean(s.delta_enabled);
    write_span(w, s.delta_interval);
    w.boolean(s.may_revoke_expired);
    if (!extended) return;
    w.integer(static_cast<std::int64_t>(s.ocsp_unissued), asn1::kEnumerated);
    w.boolean(s.ocsp_delegated);
    write_span(w, s.delegate_validity);
    write_span(w, s.ocsp_reuse);
    write_span(w, s.publish_within);
    w.integer(s.crl_shards);
    w.boolean(s.may_revoke_unknown);
  });
  return std::move(w).take();
}

Result<StatusSettings> decode_status_settings(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const std::int64_t version = TRY(reader.read_int64());
  if (version != 1 && version != 2)
    return reader.error("status settings have an unknown version", Code::kUnsupported);
  StatusSettings s;
  s.crl_validity = TRY(read_span(reader));
  s.crl_disabled = TRY(reader.read_boolean());
  s.ocsp_validity = TRY(read_span(reader));
  s.ocsp_disabled = TRY(reader.read_boolean());
  s.auto_rebuild = TRY(reader.read_boolean());
  s.grace_period = TRY(read_span(reader));
  s.delta_enabled = TRY(reader.read_boolean());
  s.delta_interval = TRY(read_span(reader));
  s.may_revoke_expired = TRY(reader.read_boolean());
  if (version == 2) TRY(read_extensions(reader, s));
  TRY(reader.finish());
  return s;
}

record::StateKey status_settings_key(const record::Scope& scope) {
  return {record::StateKind::kSettings, scope, std::string(kSettingsId)};
}

StatusSettingsStore::StatusSettingsStore(record::Store& store, const Clock& clock)
    : store_(store), clock_(clock) {
  store.committer().observe(*this);
}

Result<StatusSettingsStore::Entry> StatusSettingsStore::load(const record::Scope& scope) {
  const record::StateKey key = status_settings_key(scope);
  const std::string name = record::cache_key(key);
  std::uint64_t generation = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = entries_.find(name); it != entries_.end()) return it->second;
    generation = generation_;
  }
  Entry entry;
  if (const auto row = TRY(store_.state().get(key)))
    entry = std::make_shared<const StatusSettings>(TRY(decode_status_settings(row->value)));
  const std::scoped_lock lock(mutex_);
  // A commit since the read may have changed this very row.
  if (generation != generation_) return entry;
  if (entries_.size() >= kMostMounts) entries_.clear();
  entries_[name] = entry;
  return entry;
}

void StatusSettingsStore::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      if (change.key.kind != record::StateKind::kSettings || change.key.id != kSettingsId) continue;
      const std::scoped_lock lock(mutex_);
      ++generation_;
      entries_.erase(record::cache_key(change.key));
    }
  }
}

Result<StatusSettings> StatusSettingsStore::find(const record::Scope& scope) {
  const Entry entry = TRY(load(scope));
  return entry ? *entry : StatusSettings{};
}

Result<StatusSettings> StatusSettingsStore::find_for(const Authority& authority) {
  const AuthorityRecord& record = authority.record();
  const Entry entry = TRY(load(authority.scope()));
  StatusSettings settings = entry ? *entry : StatusSettings{};
  if (!entry) {
    settings.crl_validity = {{}, record.crl_validity};
    settings.ocsp_validity = {{}, record.ocsp_validity};
  }
  if (record.ocsp_delegated) settings.ocsp_delegated = *record.ocsp_delegated;
  if (record.delegate_validity)
    settings.delegate_validity = {format_duration(*record.delegate_validity),
                                  *record.delegate_validity};
  return settings;
}

Result<Staged<StatusSettings>> StatusSettingsStore::put(const access::Grant& grant,
                                                        const StatusSettings& settings,
                                                        std::string_view request_id) {
  const auto replace = [&](StatusSettings& stored) -> Result<void> {
    stored = settings;
    return {};
  };
  return change(grant, replace, request_id);
}

Result<Staged<StatusSettings>> StatusSettingsStore::change(const access::Grant& grant,
                                                           const Change& change,
                                                           std::string_view request_id) {
  const record::StateKey key = status_settings_key(grant.scope());
  // The row, and not the copy in memory: the commit takes the change only if this is still it.
  const auto row = TRY(store_.state().get(key));
  StatusSettings settings;
  if (row) settings = TRY(decode_status_settings(row->value));
  const unsigned shards = settings.crl_shards;
  TRY(change(settings));
  TRY(check_status_settings(settings));
  // Certificates tell of these URLs for as long as they live.
  if (settings.crl_shards < shards)
    return std::unexpected(bad("crl_shards", "crl_shards can grow, but never get less"));
  record::WriteSet writes;
  row ? writes.require_version(key, row->version) : writes.require_absent(key);
  writes.put(key, encode(settings));
  record::Event event = access::grant_event(grant, record::EventKind::kSettingsWritten, kSettingsId,
                                            request_id, clock_.now());
  event.details = {{"crl_shards", std::to_string(settings.crl_shards)},
                   {"ocsp_delegated", flag(settings.ocsp_delegated)},
                   {"ocsp_unissued", std::string(name(settings.ocsp_unissued))},
                   {"auto_rebuild", flag(settings.auto_rebuild)},
                   {"crl_disabled", flag(settings.crl_disabled)},
                   {"crl_validity", settings.crl_validity.text},
                   {"delta_enabled", flag(settings.delta_enabled)},
                   {"ocsp_disabled", flag(settings.ocsp_disabled)},
                   {"ocsp_validity", settings.ocsp_validity.text}};
  writes.append(event);
  return Staged<StatusSettings>(std::move(settings), std::move(writes));
}

}  // namespace chancery::ca
