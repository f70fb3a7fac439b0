#include "acme/sweep.h"

#include <array>

namespace chancery::acme {
namespace {

using record::StateKind;

constexpr seconds kPause{600};
constexpr std::size_t kPage = 500;
// Clients that come late still learn what became of it.
constexpr seconds kAfterwards{86'400};
constexpr seconds kFailuresKept{90LL * 86'400};

constexpr std::array kSwept{StateKind::kAcmeOrder,  StateKind::kAcmeAuthorization,
                            StateKind::kAcmeLatest, StateKind::kAcmeCertificate,
                            StateKind::kAcmeEab,    StateKind::kAcmeFailures,
                            StateKind::kAcmeLimit,  StateKind::kAcmeKept};
constexpr std::array kAll{
    StateKind::kAcmeAccount,     StateKind::kAcmeAccountKey,    StateKind::kAcmeEab,
    StateKind::kAcmeOrder,       StateKind::kAcmeAuthorization, StateKind::kAcmeLatest,
    StateKind::kAcmeCertificate, StateKind::kAcmeWork,          StateKind::kAcmeFailures,
    StateKind::kAcmeRenewal,     StateKind::kAcmeLimit,         StateKind::kAcmeKept};

}  // namespace

Result<bool> Sweep::is_over(const record::StateRow& row) const {
  const TimePoint now = clock_.now();
  const TimePoint limit = now - kAfterwards;
  switch (row.key.kind) {
    case StateKind::kAcmeOrder: {
      const Order order = TRY(access::decode_row<Order>(row.value));
      if (order.stored() == Status::kProcessing) return false;
      return order.certificate_ends.value_or(order.expires) < limit;
    }
    case StateKind::kAcmeAuthorization:
      return TRY(access::decode_row<Authorization>(row.value)).expires < limit;
    case StateKind::kAcmeLatest: {
      const auto of = authorization_key(row.key.scope, as_text(row.value));
      return !TRY(store_.state().get(of)).has_value();
    }
    case StateKind::kAcmeCertificate:
      return TRY(access::decode_row<OwnCertificate>(row.value)).ends < limit;
    case StateKind::kAcmeEab: {
      const Eab eab = TRY(access::decode_row<Eab>(row.value));
      return eab.expires && *eab.expires < limit;
    }
    case StateKind::kAcmeFailures: {
      const Failures failures = TRY(access::decode_row<Failures>(row.value));
      return failures.latest + kFailuresKept < limit;
    }
    case StateKind::kAcmeLimit:
      return TRY(access::decode_row<Used>(row.value)).free_at <= now;
    case StateKind::kAcmeKept:
      return TRY(access::decode_row<KeptCertificate>(row.value)).until <= now;
    default:
      return false;
  }
}

Result<Sweep::Swept> Sweep::sweep_page(const record::Scope& scope, StateKind kind,
                                       std::string_view after, std::size_t page) {
  const auto rows = TRY(store_.state().list(kind, scope, after, page));
  record::WriteSet writes;
  Swept swept;
  for (const record::StateRow& row : rows) {
    if (!TRY(is_over(row))) continue;
    writes.require_version(row.key, row.version);
    writes.erase(row.key);
    if (kind == StateKind::kAcmeAuthorization)
      writes.erase(validation_work(row.key.scope, row.key.id));
    ++swept.removed;
  }
  if (rows.size() == page) swept.next = rows.back().key.id;
  // Nobody waits: what is not written now is found again in the next round.
  if (swept.removed > 0) static_cast<void>(store_.committer().submit(std::move(writes)));
  return swept;
}

// Directories that are gone leave all of their rows; the mark goes last.
Result<bool> Sweep::sweep_removed() {
  const record::Scope tenant{"root", {}};
  const auto marks = TRY(store_.state().list(StateKind::kAcmeRemovedDirectory, tenant, {}, 1));
  if (marks.empty()) return false;
  const record::Scope scope = LoadedDirectory::scope_of(marks.front().key.id);
  record::WriteSet writes;
  for (const StateKind kind : kAll) {
    const auto rows = TRY(store_.state().list(kind, scope, {}, kPage));
    for (const record::StateRow& row : rows) writes.erase(row.key);
    if (!rows.empty()) break;
  }
  if (writes.changes.empty()) writes.erase(marks.front().key);
  static_cast<void>(store_.committer().submit(std::move(writes)));
  return true;
}

Result<void> Sweep::next_page() {
  if (!next_.empty() || kind_ > 0) {
    const auto directory = TRY(directories_.find(directory_));
    if (directory && kind_ < kSwept.size()) {
      const Swept swept = TRY(sweep_page(directory->scope(), kSwept.at(kind_), next_, kPage));
      removed_ += swept.removed;
      next_ = swept.next;
      if (next_.empty()) ++kind_;
      return {};
    }
  }
  kind_ = 0;
  next_.clear();
  const auto names = TRY(directories_.list(directory_, 1));
  directory_ = names.empty() ? std::string() : names.front();
  if (names.empty()) return {};
  const auto directory = TRY(directories_.find(directory_));
  if (!directory) return {};
  const Swept swept = TRY(sweep_page(directory->scope(), kSwept.front(), {}, kPage));
  removed_ += swept.removed;
  next_ = swept.next;
  if (next_.empty()) ++kind_;
  return {};
}

void Sweep::tend() {
  if (const auto removed = sweep_removed(); removed && *removed) return;
  const TimePoint now = clock_.now();
  if (directory_.empty()) {
    // A clock that was put back begins a round as well.
    if (now >= round_ && now < round_ + kPause) return;
    round_ = now;
    removed_ = 0;
  }
  if (const auto done = next_page(); !done) {
    log_.warning("what is over in ACME was not removed", {{"error", done.error().to_string()}});
    directory_.clear();
    kind_ = 0;
    next_.clear();
  }
  if (directory_.empty() && removed_ > 0)
    log_.info("ACME rows that are over removed", {{"count", removed_}});
}

}  // namespace chancery::acme
