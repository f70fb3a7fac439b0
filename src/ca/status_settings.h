#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "ca/authority.h"
#include "ca/staged.h"
#include "record/store.h"

namespace chancery::ca {

// Span is a length of time as somebody wrote it, so that they read back what they wrote.
struct Span {
  std::string text;
  seconds value{0};

  friend bool operator==(const Span&, const Span&) = default;
};
// parse_span errors: kMalformed, kTooLarge.
[[nodiscard]] Result<Span> parse_span(std::string_view text);

// What OCSP says of a serial that was not issued here. "revoked" is RFC 6960's extended-revoked
// (sections 2.2 and 4.4.8); "good" vouches for forgeries and is for authorities whose certificates
// another program issued.
enum class UnissuedAnswer : std::uint8_t { kUnknown = 0, kRevoked = 1, kGood = 2 };
[[nodiscard]] std::string_view name(UnissuedAnswer answer);  // "unknown"
[[nodiscard]] std::optional<UnissuedAnswer> unissued_answer(std::string_view name);

inline constexpr unsigned kMostCrlShards = 256;

// StatusSettings say how a mount publishes the status of its certificates. The defaults are
// Vault's.
struct StatusSettings {
  Span crl_validity{"72h", seconds{72 * 3600}};
  bool crl_disabled = false;                      // CRLs are published without entries
  Span ocsp_validity{"12h", seconds{12 * 3600}};  // zero: answers without nextUpdate
  bool ocsp_disabled = false;
  // A complete CRL stays until `grace_period` before its nextUpdate, whatever is revoked meanwhile;
  // otherwise the first request after a revocation makes a new one.
  bool auto_rebuild = false;
  Span grace_period{"12h", seconds{12 * 3600}};
  // What is revoked meanwhile is in a delta CRL, which is at most `delta_interval` behind.
  bool delta_enabled = false;
  Span delta_interval{"15m", seconds{15 * 60}};
  bool may_revoke_expired = false;

  // What Vault's settings do not have.
  UnissuedAnswer ocsp_unissued = UnissuedAnswer::kUnknown;
  // Answers are signed by a responder whose certificate lives for `delegate_validity` and is
  // replaced when half of that is over, rather than by the authority itself.
  bool ocsp_delegated = false;
  Span delegate_validity{"168h", seconds{168 * 3600}};
  // How long a signed answer may be given again to requests without nonce; zero: never. A
  // revocation ends it at once.
  Span ocsp_reuse{"5m", seconds{300}};
  // How long after a revocation a CRL that nobody asked for is made; zero: only when asked for.
  Span publish_within{"5s", seconds{5}};
  // The most shards that CRL URLs may speak of ({{crl_shard_16}}); never less than it was.
  unsigned crl_shards = 0;
  // Certificates that are not stored here can be revoked when an authority here signed them.
  bool may_revoke_unknown = true;

  // vault_fields shows `visit` what Vault's settings have too, by the names that they have there.
  template <class Self, class Visit>
  static void vault_fields(Self& self, Visit&& visit) {
    visit("allow_expired_cert_revocation", self.may_revoke_expired);
    visit("auto_rebuild", self.auto_rebuild);
    visit("auto_rebuild_grace_period", self.grace_period);
    visit("delta_rebuild_interval", self.delta_interval);
    visit("disable", self.crl_disabled);
    visit("enable_delta", self.delta_enabled);
    visit("expiry", self.crl_validity);
    visit("ocsp_disable", self.ocsp_disabled);
    visit("ocsp_expiry", self.ocsp_validity);
  }

  friend bool operator==(const StatusSettings&, const StatusSettings&) = default;
};

// check_status_settings errors: kInvalidArgument with Vault's text and the field in Error::where.
[[nodiscard]] Result<void> check_status_settings(const StatusSettings& settings);
// check_delegate_validity errors: kInvalidArgument, with the field.
[[nodiscard]] Result<void> check_delegate_validity(seconds validity);
[[nodiscard]] Bytes encode(const StatusSettings& settings);
[[nodiscard]] Result<StatusSettings> decode_status_settings(BytesView der);
[[nodiscard]] record::StateKey status_settings_key(const record::Scope& scope);

// StatusSettingsStore keeps the settings of each mount in memory: OCSP asks for them at every
// request. Thread-safe. Made before the first commit.
class StatusSettingsStore final : public record::CommitObserver {
 public:
  StatusSettingsStore(record::Store& store, const Clock& clock);

  // find returns a mount's settings, the defaults where none were written.
  [[nodiscard]] Result<StatusSettings> find(const record::Scope& scope);
  // find_for does the same for one authority: what its record says of OCSP goes before, and until a
  // mount has settings of its own, the lengths of the record hold.
  [[nodiscard]] Result<StatusSettings> find_for(const Authority& authority);
  // change stages what `change` makes of the stored settings, or of the defaults. Of two writers
  // that read the same state one gets kConflict by the commit. Errors: `change`'s and those of
  // check_status_settings.
  using Change = std::function<Result<void>(StatusSettings&)>;
  [[nodiscard]] Result<Staged<StatusSettings>> change(const access::Grant& grant,
                                                      const Change& change,
                                                      std::string_view request_id);
  // put stages new settings in the place of whatever is stored. Errors: as change.
  [[nodiscard]] Result<Staged<StatusSettings>> put(const access::Grant& grant,
                                                   const StatusSettings& settings,
                                                   std::string_view request_id);

  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  using Entry = std::shared_ptr<const StatusSettings>;  // null: none were written
  [[nodiscard]] Result<Entry> load(const record::Scope& scope);

  record::Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::map<std::string, Entry, std::less<>> entries_;  // by cache_key
};

}  // namespace chancery::ca
