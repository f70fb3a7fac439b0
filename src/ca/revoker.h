#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ca/authority_directory.h"
#include "ca/service.h"
#include "ca/status_settings.h"

namespace chancery::ca {

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
                                                           x509::ReasonCode reason,
                                                           std::string_view request_id);
  [[nodiscard]] Result<Staged<Service::Revoked>> by_certificate(
      const access::Grant& grant, const x509::Certificate& certificate, x509::ReasonCode reason,
      std::string_view request_id);
  // list: see Service::list_revoked.
  [[nodiscard]] Result<std::vector<Bytes>> list(const record::Scope& scope, BytesView after,
                                                std::size_t limit) const;

 private:
  // What is revoked: a certificate that is stored, or one that comes with the request.
  struct Subject {
    std::string issuer_id;
    Bytes serial;
    crypto::Sha256 fingerprint{};
    TimePoint not_after;
    Bytes certificate;  // DER, where it is not stored yet
  };
  [[nodiscard]] Result<Staged<Service::Revoked>> stage(const access::Grant& grant, Subject subject,
                                                       x509::ReasonCode reason,
                                                       std::string_view request_id);
  [[nodiscard]] Result<void> refuse_issuers(const record::Scope& scope, BytesView serial);

  record::Store& store_;
  AuthorityDirectory& directory_;
  StatusSettingsStore& settings_;
  const Clock& clock_;
};

}  // namespace chancery::ca
