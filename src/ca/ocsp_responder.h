#pragma once

#include "base/log.h"
#include "ca/authority_directory.h"
#include "ca/status_settings.h"

namespace chancery::ca {

// OcspResponder answers OCSP requests (RFC 6960) from the live state, signing with the authority's
// own key. A serial that this authority did not issue, as far as the store knows, is unknown:
// "good" about a forged certificate would vouch for it. Thread-safe.
class OcspResponder {
 public:
  OcspResponder(AuthorityDirectory& directory, StatusSettingsStore& settings, record::Store& store,
                const Clock& clock, Log& log)
      : directory_(directory),
        settings_(settings),
        state_(store.state()),
        index_(store.index()),
        clock_(clock),
        log_(log) {}

  // respond always yields an OCSPResponse; failures are its error statuses.
  [[nodiscard]] Bytes respond(const record::Scope& scope, BytesView request);

 private:
  [[nodiscard]] Result<Bytes> answer(const record::Scope& scope, const x509::OcspRequest& request);
  [[nodiscard]] Result<x509::SingleResponse> status_of(const Authority* issuer,
                                                       const x509::CertId& id, TimePoint now);

  // is_good says that a certificate without revocation was issued and is good. Errors: kUnavailable
  // (the index is being made again, so nobody can know).
  [[nodiscard]] Result<bool> is_good(const Authority& issuer, BytesView serial, TimePoint now);

  AuthorityDirectory& directory_;
  StatusSettingsStore& settings_;
  const record::StateReader& state_;
  const record::CertificateIndex& index_;
  const Clock& clock_;
  Log& log_;
};

}  // namespace chancery::ca
