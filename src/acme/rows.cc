#include "acme/rows.h"

#include <array>

namespace chancery::acme {
namespace {

using record::StateKind;

record::StateKey make(StateKind kind, const record::Scope& scope, std::string id) {
  return {kind, scope, std::move(id)};
}

std::string of_account(std::string_view account, const Name& name) {
  return std::string(account) + "/" + name.key();
}

}  // namespace

std::string_view name(Status status) {
  switch (status) {
    case Status::kPending:
      return "pending";
    case Status::kReady:
      return "ready";
    case Status::kProcessing:
      return "processing";
    case Status::kValid:
      return "valid";
    case Status::kInvalid:
      return "invalid";
    case Status::kDeactivated:
      return "deactivated";
    case Status::kExpired:
      return "expired";
  }
  return "invalid";
}

Status Authorization::state(TimePoint now) const {
  const Status as_stored = stored();
  if (expires > now) return as_stored;
  if (as_stored == Status::kValid) return Status::kExpired;
  return as_stored == Status::kPending ? Status::kInvalid : as_stored;
}

std::string draw_id(Random& random) {
  std::array<std::uint8_t, 16> bits{};
  random.fill(bits);
  return base64(bits, Base64::kUrl);
}

record::StateKey account_key(const record::Scope& scope, std::string_view id) {
  return make(StateKind::kAcmeAccount, scope, std::string(id));
}
record::StateKey thumbprint_key(const record::Scope& scope, std::string_view print) {
  return make(StateKind::kAcmeAccountKey, scope, std::string(print));
}
record::StateKey eab_key(const record::Scope& scope, std::string_view id) {
  return make(StateKind::kAcmeEab, scope, std::string(id));
}
record::StateKey order_key(const record::Scope& scope, std::string_view id) {
  return make(StateKind::kAcmeOrder, scope, std::string(id));
}
record::StateKey authorization_key(const record::Scope& scope, std::string_view id) {
  return make(StateKind::kAcmeAuthorization, scope, std::string(id));
}
record::StateKey latest_key(const record::Scope& scope, std::string_view account,
                            const Name& name) {
  return make(StateKind::kAcmeLatest, scope, of_account(account, name));
}
record::StateKey certificate_key(const record::Scope& scope, std::string_view serial) {
  return make(StateKind::kAcmeCertificate, scope, std::string(serial));
}
record::StateKey failures_key(const record::Scope& scope, std::string_view account,
                              const Name& name) {
  return make(StateKind::kAcmeFailures, scope, of_account(account, name));
}
record::StateKey renewal_key(const record::Scope& scope, std::string_view name) {
  return make(StateKind::kAcmeRenewal, scope, std::string(name));
}
record::StateKey limit_key(const record::Scope& scope, std::string_view what) {
  return make(StateKind::kAcmeLimit, scope, std::string(what));
}
record::StateKey kept_key(const record::Scope& scope, std::string_view order) {
  return make(StateKind::kAcmeKept, scope, std::string(order));
}
record::StateKey validation_work(const record::Scope& scope, std::string_view id) {
  return make(StateKind::kAcmeWork, scope, "validation/" + std::string(id));
}
record::StateKey finalize_work(const record::Scope& scope, std::string_view id) {
  return make(StateKind::kAcmeWork, scope, "finalize/" + std::string(id));
}

std::string_view owner_of(std::string_view row_id) { return row_id.substr(0, row_id.find('/')); }

}  // namespace chancery::acme
