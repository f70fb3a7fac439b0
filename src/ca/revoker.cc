#include "ca/revoker.h"

#include <algorithm>
#include <utility>

#include "access/grant_event.h"
#include "x509/verify.h"

namespace chancery::ca {
namespace {

Error refused(std::string detail, std::string_view field, std::string_view rule) {
  return Error{Code::kRefused, std::move(detail), {}, {}}.with("field", field).with("rule", rule);
}

Error unknown_serial(BytesView serial) {
  return Error{
      Code::kNotFound, "certificate with serial " + hex(serial, ':') + " not found.", {}, {}}
      .with("field", "serial_number");
}

Error foreign_certificate() {
  return refused(
      "unable to verify signature on presented cert from any present issuer in this mount; "
      "certificates from previous CAs will need to have their issuing CA and key re-imported if "
      "revocation is necessary",
      "certificate", "foreign_certificate");
}

void require_present(record::WriteSet& writes, record::StateKey key) {
  writes.preconditions.push_back({record::Precondition::Test::kPresent, std::move(key), 0});
}

std::string source_of(const record::StateRow& row) {
  return row.key.id.substr(0, row.key.id.find(':'));
}

}  // namespace

Result<void> Revoker::refuse_issuers(const record::Scope& scope, BytesView serial) {
  const auto all = TRY(directory_.list(scope));
  for (const auto& authority : *all) {
    if (!equal(authority->certificate().serial(), serial)) continue;
    return std::unexpected(
        refused("adding issuer (id: " + authority->id() + ") to its own CRL is not allowed",
                "serial_number", "issuer_own_crl"));
  }
  return {};
}

Result<Staged<Service::Revoked>> Revoker::by_serial(const access::Grant& grant, BytesView serial,
                                                    const RevocationWish& wish,
                                                    std::string_view request_id) {
  TRY(refuse_issuers(grant.scope(), serial));
  const auto row = TRY(store_.index().find_by_serial(grant.scope(), serial));
  if (!row) return std::unexpected(unknown_serial(serial));
  const auto status = TRY(directory_.status(grant.scope(), row->issuer_id));
  return stage(grant, *status, {row->issuer_id, status->id, row->serial, row->fingerprint},
               row->not_after, wish, request_id);
}

Result<Staged<Service::Revoked>> Revoker::by_certificate(const access::Grant& grant,
                                                         const x509::Certificate& certificate,
                                                         const RevocationWish& wish,
                                                         std::string_view request_id) {
  const record::Scope& scope = grant.scope();
  const BytesView serial = certificate.serial();
  const auto row = TRY(store_.index().find_by_serial(scope, serial));
  if (row && row->fingerprint == certificate.fingerprint_sha256())
    return by_serial(grant, serial, wish, request_id);
  TRY(refuse_issuers(scope, serial));
  if (!TRY(settings_.find(scope)).may_revoke_unknown) {
    return std::unexpected(
        refused("this certificate is not stored here, and allow_unknown_cert_revocation is off",
                "certificate", "unknown_certificate"));
  }
  const auto all = TRY(directory_.list(scope));
  for (const auto& authority : *all) {
    // Without its key nothing here could tell of the revocation.
    if (authority->signer() == nullptr) continue;
    if (!x509::verify_signed_by(certificate, authority->certificate())) continue;
    // Another certificate with this serial is stored: this one cannot be told apart from it.
    const StatusIdentity& status = authority->status();
    if (row && status.covers(row->issuer_id)) break;
    return stage(grant, status,
                 {authority->id(), status.id, to_bytes(serial), certificate.fingerprint_sha256(),
                  to_bytes(certificate.der())},
                 certificate.not_after(), wish, request_id);
  }
  return std::unexpected(foreign_certificate());
}

// Row and hold are read one after the other, and a hold that was released and put on again has a
// row of the same version: so it is the commit that looks whether there is one.
Result<bool> may_follow(const record::StateReader& state, const record::StateRow& before,
                        const RevocationWish& wish, record::WriteSet& writes) {
  const Revocation revocation = TRY(decode_revocation(before.value));
  if (revocation.reason != x509::ReasonCode::kCertificateHold || wish.reason == revocation.reason)
    return false;
  record::StateKey hold = before.key;
  hold.kind = record::StateKind::kHold;
  writes.require_version(before.key, before.version);
  if (TRY(state.get(hold))) {
    require_present(writes, std::move(hold));
    return true;
  }
  // Revoked for good with the reason of a hold.
  writes.require_absent(std::move(hold));
  return false;
}

Revocation write_revocation(record::WriteSet& writes, const record::Scope& scope,
                            RevocationTarget target, const RevocationWish& wish,
                            const RevokedBy& by, TimePoint now, const record::StateRow* before) {
  const Revocation revocation{now, wish.reason, wish.invalid_since};
  // One that is on hold may lie where an elder's rows are.
  const std::string status_id = before != nullptr ? source_of(*before) : target.status_id;
  record::StateKey key = revocation_key(scope, status_id, target.serial);
  if (before == nullptr) writes.require_absent(key);
  const bool hold = wish.reason == x509::ReasonCode::kCertificateHold;
  Bytes row = encode(revocation);
  if (hold) writes.put(hold_key(scope, status_id, target.serial), row);
  if (before != nullptr) writes.erase(hold_key(scope, status_id, target.serial));
  writes.put(std::move(key), std::move(row));
  record::Event event{
      hold ? record::EventKind::kCertificateHeld : record::EventKind::kCertificateRevoked,
      now,
      scope,
      by.actor,
      by.request_id,
      hex(target.serial),
      {},
      target.fingerprint};
  event.details.reserve(5);
  const auto tell = [&](std::string_view field, std::string_view value) {
    event.details.emplace_back(std::string(field), std::string(value));
  };
  if (wish.invalid_since) tell("invalid_since", rfc3339(*wish.invalid_since));
  tell("issuer", target.issuer_id);
  if (!by.job.empty()) tell("job", by.job);
  tell("reason", x509::name(wish.reason));
  // By which the CRL finds it.
  if (status_id != target.issuer_id) tell("status_id", status_id);
  writes.append(std::move(event), std::move(target.certificate));
  return revocation;
}

Result<Staged<Service::Revoked>> Revoker::stage(const access::Grant& grant,
                                                const StatusIdentity& status,
                                                RevocationTarget target, TimePoint not_after,
                                                const RevocationWish& wish,
                                                std::string_view request_id) {
  const record::Scope& scope = grant.scope();
  const TimePoint now = clock_.now();
  if (wish.reason == x509::ReasonCode::kRemoveFromCrl)
    return std::unexpected(refused("a release is no revocation", "reason", "release"));
  if (wish.invalid_since && *wish.invalid_since > now) {
    return std::unexpected(refused("the key cannot have been lost in the future", "invalidity_date",
                                   "invalidity_date"));
  }
  const auto before = TRY(find_revocation(store_.state(), scope, status, target.serial));
  record::WriteSet writes;
  if (before && !TRY(may_follow(store_.state(), *before, wish, writes)))
    return Staged<Service::Revoked>({TRY(decode_revocation(before->value)), true},
                                    std::move(writes));
  if (not_after < now && !TRY(settings_.find(scope)).may_revoke_expired) {
    return std::unexpected(refused("certificate with serial " + hex(target.serial, ':') +
                                       " already expired; refusing to add to CRL. Enable "
                                       "'AllowExpiredCertRevocation' to allow revoking expired "
                                       "certificates.",
                                   "serial_number", "expired"));
  }
  const RevokedBy by{grant.actor(), std::string(request_id), {}};
  const Revocation revocation = write_revocation(writes, scope, std::move(target), wish, by, now,
                                                 before ? &*before : nullptr);
  return Staged<Service::Revoked>({revocation, false}, std::move(writes));
}

Result<Staged<Revocation>> Revoker::release(const access::Grant& grant, BytesView serial,
                                            std::string_view request_id) {
  const record::Scope& scope = grant.scope();
  const auto certificate = TRY(store_.index().find_by_serial(scope, serial));
  if (!certificate) return std::unexpected(unknown_serial(serial));
  const auto status = TRY(directory_.status(scope, certificate->issuer_id));
  const auto row = TRY(find_revocation(store_.state(), scope, *status, serial));
  const std::string source = row ? source_of(*row) : status->id;
  const record::StateKey hold = hold_key(scope, source, serial);
  if (!row || !TRY(store_.state().get(hold))) {
    return std::unexpected(refused(row ? "the certificate is revoked for good"
                                       : "the certificate is not revoked, so there is no hold",
                                   "serial_number", "not_on_hold"));
  }
  record::WriteSet writes;
  // The version alone would also be that of a revocation for good that came after another release.
  writes.require_version(row->key, row->version);
  require_present(writes, hold);
  writes.erase(row->key);
  writes.erase(hold);
  record::Event event = access::grant_event(grant, record::EventKind::kCertificateReleased,
                                            hex(serial), request_id, clock_.now());
  event.details = {{"issuer", certificate->issuer_id}};
  if (source != certificate->issuer_id) event.details.push_back({"status_id", source});
  event.certificate = certificate->fingerprint;
  writes.append(event);
  return Staged<Revocation>(TRY(decode_revocation(row->value)), std::move(writes));
}

// Rows lie by issuer, then by serial: the smallest serials of each issuer, merged.
Result<std::vector<Bytes>> Revoker::list(const record::Scope& scope, BytesView after,
                                         std::size_t limit) const {
  std::vector<Bytes> serials;
  std::string issuer_end;  // behind all rows of the issuers that were read
  for (;;) {
    const auto first =
        TRY(store_.state().list(record::StateKind::kRevocation, scope, issuer_end, 1));
    if (first.empty()) break;
    const std::string issuer = source_of(first.front());
    const auto rows = TRY(store_.state().list(record::StateKind::kRevocation, scope,
                                              issuer + ":" + hex(after), limit));
    for (const record::StateRow& row : rows) {
      if (source_of(row) != issuer) break;
      serials.push_back(TRY(parse_hex(std::string_view(row.key.id).substr(issuer.size() + 1))));
    }
    issuer_end = issuer + ";";  // ';' follows ':'
  }
  std::ranges::sort(serials);
  const auto repeated = std::ranges::unique(serials);
  serials.erase(repeated.begin(), repeated.end());
  if (serials.size() > limit) serials.resize(limit);
  return serials;
}

}  // namespace chancery::ca
