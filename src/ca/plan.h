#pragma once

#include <string>
#include <vector>

#include "ca/authority.h"
#include "policy/content.h"
#include "x509/unsigned_certificate.h"

namespace chancery::ca {

// PlanIssuer is what a certificate takes from its issuer; for a root, from itself.
struct PlanIssuer {
  BytesView name;            // DER
  BytesView key_identifier;  // empty for a self-signed certificate
  crypto::SignatureScheme scheme = crypto::SignatureScheme::kEcdsaSha256;
  const Urls* urls = nullptr;
  std::optional<TimePoint> not_before;  // the issuer's own validity; nothing for a root
  std::optional<TimePoint> not_after;
  std::optional<std::uint32_t> path_length;  // the issuer's, where it has one
};

// plan_issuer is an authority as the issuer of this content. The views live as long as the
// authority.
[[nodiscard]] PlanIssuer plan_issuer(const Authority& authority,
                                     const policy::CertificateContent& content);

// plan_with makes the TBS bytes; see plan.
[[nodiscard]] Result<Bytes> plan_with(const policy::CertificateContent& content,
                                      const PlanIssuer& issuer, BytesView serial);

// Linted is a certificate ready to be signed, with what the lints have to tell about it.
struct Linted {
  x509::UnsignedCertificate certificate;
  std::vector<std::string> warnings;  // of a profile's certificate; none of a role's
};
// lint_or_refuse runs the lints over the exact bytes that are about to be signed, each as serious
// as the content's profile says. Errors: kRefused with the first finding and its rule.
[[nodiscard]] Result<Linted> lint_or_refuse(Bytes tbs, const policy::CertificateContent& content,
                                            const PlanIssuer& issuer,
                                            crypto::KeyAlgorithm issuer_key);

}  // namespace chancery::ca
