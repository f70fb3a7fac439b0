#pragma once

#include "base/log.h"
#include "ca/authority_directory.h"
#include "ca/ocsp_cache.h"
#include "ca/ocsp_delegates.h"
#include "ca/status_settings.h"

namespace chancery::ca {

// OcspResponder answers OCSP requests (RFC 6960) from the live state, or with an answer that it
// signed before and that no commit has changed since. It signs with the authority's own key or with
// its delegate's. What it says of a serial that this authority did not issue, as far as the store
// knows, the mount's settings decide: "good" about a forged certificate would vouch for it.
// Thread-safe. Made before the first commit.
class OcspResponder {
 public:
  OcspResponder(AuthorityDirectory& directory, StatusSettingsStore& settings,
                OcspDelegates& delegates, record::Store& store, const Clock& clock, Log& log);

  // respond always yields an OCSPResponse; failures are its error statuses. Where it would sign
  // with a slow key and may not (`may_block`), there is none: the caller comes back on a lane.
  [[nodiscard]] OcspAnswer respond(const record::Scope& scope, BytesView request, bool may_block);

 private:
  // What is said of one certificate.
  struct Status {
    x509::SingleResponse single;
    bool kept = false;      // it may be given again: nobody keeps an "unknown" beyond the moment
    bool extended = false;  // RFC 6960 section 4.4.8
  };
  struct Work;
  [[nodiscard]] Result<OcspAnswer> answer(const record::Scope& scope,
                                          const x509::OcspRequest& request, bool may_block);
  [[nodiscard]] Result<OcspAnswer> sign(const Work& work);
  [[nodiscard]] Result<Status> status_of(const Authority* issuer, const x509::CertId& id,
                                         const StatusSettings& settings, TimePoint now);

  // is_good says that a certificate without revocation was issued and is good. Errors: kUnavailable
  // (the index is being made again, so nobody can know).
  [[nodiscard]] Result<bool> is_good(const Authority& issuer, BytesView serial, TimePoint now);

  AuthorityDirectory& directory_;
  StatusSettingsStore& settings_;
  OcspDelegates& delegates_;
  const record::StateReader& state_;
  const record::CertificateIndex& index_;
  const Clock& clock_;
  Log& log_;
  OcspCache cache_;
};

}  // namespace chancery::ca
