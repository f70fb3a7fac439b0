#pragma once

#include "base/log.h"
#include "ca/authority_directory.h"

namespace chancery::ca {

// OcspResponder answers OCSP requests (RFC 6960) from the live state, signing with the authority's
// own key. A serial that nobody revoked is good. Thread-safe.
class OcspResponder {
 public:
  OcspResponder(AuthorityDirectory& directory, const record::StateReader& state, const Clock& clock,
                Log& log)
      : directory_(directory), state_(state), clock_(clock), log_(log) {}

  // respond always yields an OCSPResponse; failures are its error statuses.
  [[nodiscard]] Bytes respond(const record::Scope& scope, BytesView request);

 private:
  [[nodiscard]] Result<Bytes> answer(const record::Scope& scope, const x509::OcspRequest& request);
  [[nodiscard]] Result<x509::SingleResponse> status_of(const Authority* issuer,
                                                       const x509::CertId& id, TimePoint now);

  AuthorityDirectory& directory_;
  const record::StateReader& state_;
  const Clock& clock_;
  Log& log_;
};

}  // namespace chancery::ca
