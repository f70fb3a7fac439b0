#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/ocsp.h"
#include "x509/path/findings.h"
#include "x509/path/signatures.h"

namespace chancery::x509::path {

enum class RevocationMode : std::uint8_t {
  kOff,
  kIfAvailable,  // a certificate whose status cannot be told passes with a warning
  kRequired,     // it does not pass
};

// RevocationInputs are the status information that the caller has; nothing is fetched. Lists and
// responses that are not about a certificate of the path do no harm. The spans must outlive the
// validation.
struct RevocationInputs {
  RevocationMode mode = RevocationMode::kOff;
  std::span<const CertificateList> crls;
  std::span<const OcspResponse> ocsp;
  // How long an OCSP answer without nextUpdate is believed.
  seconds max_ocsp_age = std::chrono::hours(24);
};

// check_revocation asks for the status of every certificate of `path` but the anchor.
//   CRL: complete, direct lists of the certificate's issuer, signed by the issuer's key in the path
//     (cRLSign where it has a key usage), current at `time`, of a scope that holds the certificate
//     (issuingDistributionPoint: kind of certificate, distribution point). Lists for some reasons
//     only say "good" together, when they cover all reasons. The newest delta that belongs to such
//     a list and is current is put on top of it. Indirect lists are not used.
//   OCSP: answered by the issuer itself, or by a responder whose certificate the issuer signed for
//     OCSP signing, current at `time`. The responder's certificate must not be revoked by such a
//     list either; where the status is required, a list must say so, unless the certificate has
//     id-pkix-ocsp-nocheck.
// "Revoked" from either source outweighs "good" from the other.
void check_revocation(std::span<const Certificate> path, const RevocationInputs& inputs,
                      TimePoint time, SignatureChecks& signatures, Findings& findings);

}  // namespace chancery::x509::path
