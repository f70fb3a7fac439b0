#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ca/authority_directory.h"
#include "ca/service.h"
#include "ca/status_settings.h"

namespace chancery::ca {

// RevokedBy is who had a certificate revoked, and how events tell of it.
struct RevokedBy {
  std::string actor;
  std::string request_id;
  std::string job;  // id of a mass revocation; empty: none
};

// RevocationTarget is one certificate that is to be revoked.
struct RevocationTarget {
  std::string issuer_id;
  std::string status_id;  // of the identity that the issuer belongs to
  Bytes serial;
  crypto::Sha256 fingerprint{};
  Bytes certificate = {};  // DER, where it is not stored yet
};

// write_revocation adds to `writes` what revokes a certificate; `before` is its row where it is on
// hold. Of two writers the commit refuses one.
[[nodiscard]] Revocation write_revocation(record::WriteSet& writes, const record::Scope& scope,
                                          RevocationTarget target, const RevocationWish& wish,
                                          const RevokedBy& by, TimePoint now,
                                          const record::StateRow* before = nullptr);
// may_follow says whether a certificate with this row (on hold, or revoked for good) can be revoked
// as wished. Adds to `writes` what must hold still when they are committed. Errors: kDataLoss.
[[nodiscard]] Result<bool> may_follow(const record::StateReader& state,
                                      const record::StateRow& before, const RevocationWish& wish,
                                      record::WriteSet& writes);

// Revoker decides what may be revoked and stages it; each costs the same however many came before.
// Thread-safe.
class Revoker {
 public:
  Revoker(record::Store& store, AuthorityDirectory& directory, StatusSettingsStore& settings,
          const Clock& clock)
      : store_(store), directory_(directory), settings_(settings), clock_(clock) {}

  // by_serial and by_certificate: see Service::revoke and Service::revoke_certificate.
  [[nodiscard]] Result<Staged<Service::Revoked>> by_serial(const access::Grant& grant,
                                                           BytesView serial,
                                                           const RevocationWish& wish,
                                                           std::string_view request_id);
  [[nodiscard]] Result<Staged<Service::Revoked>> by_certificate(
      const access::Grant& grant, const x509::Certificate& certificate, const RevocationWish& wish,
      std::string_view request_id);
  // release: see Service::release.
  [[nodiscard]] Result<Staged<Revocation>> release(const access::Grant& grant, BytesView serial,
                                                   std::string_view request_id);
  // list: see Service::list_revoked.
  [[nodiscard]] Result<std::vector<Bytes>> list(const record::Scope& scope, BytesView after,
                                                std::size_t limit) const;

 private:
  [[nodiscard]] Result<Staged<Service::Revoked>> stage(const access::Grant& grant,
                                                       const StatusIdentity& status,
                                                       RevocationTarget target, TimePoint not_after,
                                                       const RevocationWish& wish,
                                                       std::string_view request_id);
  [[nodiscard]] Result<void> refuse_issuers(const record::Scope& scope, BytesView serial);

  record::Store& store_;
  AuthorityDirectory& directory_;
  StatusSettingsStore& settings_;
  const Clock& clock_;
};

}  // namespace chancery::ca
