#include "ca/revoker.h"

#include <algorithm>

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

std::string issuer_of_row(const record::StateRow& row) {
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
                                                    x509::ReasonCode reason,
                                                    std::string_view request_id) {
  TRY(refuse_issuers(grant.scope(), serial));
  const auto row = TRY(store_.index().find_by_serial(grant.scope(), serial));
  if (!row) return std::unexpected(unknown_serial(serial));
  return stage(grant, {row->issuer_id, row->serial, row->fingerprint, row->not_after, {}}, reason,
               request_id);
}

Result<Staged<Service::Revoked>> Revoker::by_certificate(const access::Grant& grant,
                                                         const x509::Certificate& certificate,
                                                         x509::ReasonCode reason,
                                                         std::string_view request_id) {
  const record::Scope& scope = grant.scope();
  const BytesView serial = certificate.serial();
  const auto row = TRY(store_.index().find_by_serial(scope, serial));
  if (row && row->fingerprint == certificate.fingerprint_sha256())
    return by_serial(grant, serial, reason, request_id);
  TRY(refuse_issuers(scope, serial));
  const auto all = TRY(directory_.list(scope));
  for (const auto& authority : *all) {
    // Without its key nothing here could tell of the revocation.
    if (authority->signer() == nullptr) continue;
    if (!x509::verify_signed_by(certificate, authority->certificate())) continue;
    // Another certificate with this serial is stored: this one cannot be told apart from it.
    if (row && row->issuer_id == authority->id()) break;
    return stage(grant,
                 {authority->id(), to_bytes(serial), certificate.fingerprint_sha256(),
                  certificate.not_after(), to_bytes(certificate.der())},
                 reason, request_id);
  }
  return std::unexpected(foreign_certificate());
}

Result<Staged<Service::Revoked>> Revoker::stage(const access::Grant& grant, Subject subject,
                                                x509::ReasonCode reason,
                                                std::string_view request_id) {
  const record::Scope& scope = grant.scope();
  const record::StateKey key = revocation_key(scope, subject.issuer_id, subject.serial);
  if (const auto before = TRY(store_.state().get(key)))
    return Staged<Service::Revoked>({TRY(decode_revocation(before->value)), true}, {});
  const TimePoint now = clock_.now();
  if (subject.not_after < now && !TRY(settings_.find(scope)).may_revoke_expired) {
    return std::unexpected(refused("certificate with serial " + hex(subject.serial, ':') +
                                       " already expired; refusing to add to CRL. Enable "
                                       "'AllowExpiredCertRevocation' to allow revoking expired "
                                       "certificates.",
                                   "serial_number", "expired"));
  }
  const Revocation revocation{now, reason, std::nullopt};
  record::WriteSet writes;
  writes.require_absent(key);
  writes.put(key, encode(revocation));
  record::Event event = access::grant_event(grant, record::EventKind::kCertificateRevoked,
                                            hex(subject.serial), request_id, now);
  event.details = {{"issuer", subject.issuer_id}, {"reason", std::string(x509::name(reason))}};
  event.certificate = subject.fingerprint;
  writes.append(event, std::move(subject.certificate));
  return Staged<Service::Revoked>({revocation, false}, std::move(writes));
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
    const std::string issuer = issuer_of_row(first.front());
    const auto rows = TRY(store_.state().list(record::StateKind::kRevocation, scope,
                                              issuer + ":" + hex(after), limit));
    for (const record::StateRow& row : rows) {
      if (issuer_of_row(row) != issuer) break;
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
