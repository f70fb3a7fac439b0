#include "x509/oids.h"

#include <algorithm>
#include <array>

namespace chancery::x509::oids {
namespace {

struct Known {
  Oid oid;
  std::string_view name;
};

constexpr std::array kKnown{
    Known{kSubjectDirectoryAttributes, "Subject Directory Attributes"},
    Known{kSubjectKeyIdentifier, "Subject Key Identifier"},
    Known{kKeyUsage, "Key Usage"},
    Known{kSubjectAltName, "Subject Alternative Name"},
    Known{kIssuerAltName, "Issuer Alternative Name"},
    Known{kBasicConstraints, "Basic Constraints"},
    Known{kCrlNumber, "CRL Number"},
    Known{kReasonCode, "Reason Code"},
    Known{kInvalidityDate, "Invalidity Date"},
    Known{kDeltaCrlIndicator, "Delta CRL Indicator"},
    Known{kIssuingDistributionPoint, "Issuing Distribution Point"},
    Known{kCertificateIssuer, "Certificate Issuer"},
    Known{kNameConstraints, "Name Constraints"},
    Known{kCrlDistributionPoints, "CRL Distribution Points"},
    Known{kCertificatePolicies, "Certificate Policies"},
    Known{kPolicyMappings, "Policy Mappings"},
    Known{kAuthorityKeyIdentifier, "Authority Key Identifier"},
    Known{kPolicyConstraints, "Policy Constraints"},
    Known{kExtendedKeyUsage, "Extended Key Usage"},
    Known{kFreshestCrl, "Freshest CRL"},
    Known{kInhibitAnyPolicy, "Inhibit anyPolicy"},
    Known{kNoRevocationAvailable, "No Revocation Available"},
    Known{kAuthorityInfoAccess, "Authority Information Access"},
    Known{kSubjectInfoAccess, "Subject Information Access"},
    Known{kTlsFeature, "TLS Feature"},
    Known{kSctList, "Signed Certificate Timestamps"},
    Known{kPrecertificatePoison, "Precertificate Poison"},
    Known{kOcspNoCheck, "OCSP No Check"},
    Known{kAnyExtendedKeyUsage, "any purpose"},
    Known{kServerAuth, "TLS server"},
    Known{kClientAuth, "TLS client"},
    Known{kCodeSigning, "code signing"},
    Known{kEmailProtection, "e-mail protection"},
    Known{kIpsecEndSystem, "IPsec end system"},
    Known{kIpsecTunnel, "IPsec tunnel"},
    Known{kIpsecUser, "IPsec user"},
    Known{kTimeStamping, "time stamping"},
    Known{kOcspSigning, "OCSP signing"},
    Known{kMicrosoftServerGatedCrypto, "Microsoft server gated crypto"},
    Known{kNetscapeServerGatedCrypto, "Netscape server gated crypto"},
    Known{kMicrosoftCommercialCodeSigning, "Microsoft commercial code signing"},
    Known{kMicrosoftKernelCodeSigning, "Microsoft kernel code signing"},
    Known{kMicrosoftSmartcardLogon, "smart card logon"},
    Known{kOcsp, "OCSP"},
    Known{kCaIssuers, "CA issuers"},
    Known{kAnyPolicy, "any policy"},
    Known{kUserPrincipalName, "user principal name"},
    Known{kSmtpUtf8Mailbox, "internationalised e-mail address"},
};

}  // namespace

std::string_view name(const Oid& oid) {
  const auto* const found = std::ranges::find(kKnown, oid, &Known::oid);
  return found == kKnown.end() ? std::string_view{} : found->name;
}

}  // namespace chancery::x509::oids
