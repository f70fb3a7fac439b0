#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "record/write_set.h"

namespace chancery::ca {

// TidyWish says what a tidy is to remove, and how gently. The names are those of Vault's API; what
// each means here is in docs/decisions/0030-tidy.md.
struct TidyWish {
  bool cert_store = false;
  bool revoked_certs = false;
  bool invalid_certs = false;
  bool revoked_cert_issuer_associations = false;
  bool expired_issuers = false;
  bool move_legacy_ca_bundle = false;
  bool acme = false;
  seconds safety_buffer{72 * 3600};
  seconds revoked_safety_buffer{72 * 3600};  // after a revoked certificate's notAfter
  seconds issuer_safety_buffer{365 * 86'400};
  seconds acme_account_safety_buffer{30 * 86'400};
  seconds pause{0};  // between pages
  std::uint32_t page_size =
      1000;  // rows read, and at most removed, in one commit; 0: as many as fit

  [[nodiscard]] bool asks_for_nothing() const {
    return !cert_store && !revoked_certs && !invalid_certs && !revoked_cert_issuer_associations &&
           !expired_issuers && !move_legacy_ca_bundle && !acme;
  }
  friend bool operator==(const TidyWish&, const TidyWish&) = default;
};
[[nodiscard]] Bytes encode(const TidyWish& wish);
[[nodiscard]] Result<TidyWish> decode_tidy_wish(BytesView der);

// AutoTidy says when a mount tidies itself.
struct AutoTidy {
  bool enabled = false;
  seconds interval{12 * 3600};  // from the end of one tidy to the next; a minute at least
  TidyWish wish;
  bool maintain_counts = false;  // stored and told only
  bool publish_counts = false;   // stored and told only

  friend bool operator==(const AutoTidy&, const AutoTidy&) = default;
};
[[nodiscard]] Bytes encode(const AutoTidy& settings);
[[nodiscard]] Result<AutoTidy> decode_auto_tidy(BytesView der);

// The rows: the tidy under way (its wish), when the last one ended, and that revocations of expired
// certificates were removed from the mount at some time.
[[nodiscard]] record::StateKey tidy_run_key(const record::Scope& scope);
[[nodiscard]] record::StateKey tidy_last_key(const record::Scope& scope);
[[nodiscard]] record::StateKey tidied_mark(const record::Scope& scope);
[[nodiscard]] record::StateKey auto_tidy_key(const record::Scope& scope);
// check_tidy_row says whether a row of StateKind::kTidy is one of these, whole. Errors: kDataLoss
// and those of decoding.
[[nodiscard]] Result<void> check_tidy_row(std::string_view id, BytesView value);

[[nodiscard]] Bytes encode_time(TimePoint time);
[[nodiscard]] Result<TimePoint> decode_time(BytesView der);

}  // namespace chancery::ca
