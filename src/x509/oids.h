#pragma once

#include <string_view>

#include "asn1/oid.h"

namespace chancery::x509::oids {

using asn1::Oid;

// Attributes of names (RFC 5280 appendix A, RFC 4519, RFC 2985).
inline constexpr Oid kCommonName("2.5.4.3");
inline constexpr Oid kSurname("2.5.4.4");
inline constexpr Oid kSerialNumber("2.5.4.5");
inline constexpr Oid kCountry("2.5.4.6");
inline constexpr Oid kLocality("2.5.4.7");
inline constexpr Oid kState("2.5.4.8");
inline constexpr Oid kStreet("2.5.4.9");
inline constexpr Oid kOrganization("2.5.4.10");
inline constexpr Oid kOrganizationalUnit("2.5.4.11");
inline constexpr Oid kTitle("2.5.4.12");
inline constexpr Oid kBusinessCategory("2.5.4.15");
inline constexpr Oid kPostalCode("2.5.4.17");
inline constexpr Oid kName("2.5.4.41");
inline constexpr Oid kGivenName("2.5.4.42");
inline constexpr Oid kInitials("2.5.4.43");
inline constexpr Oid kGenerationQualifier("2.5.4.44");
inline constexpr Oid kDnQualifier("2.5.4.46");
inline constexpr Oid kPseudonym("2.5.4.65");
inline constexpr Oid kOrganizationIdentifier("2.5.4.97");
inline constexpr Oid kUserId("0.9.2342.19200300.100.1.1");
inline constexpr Oid kDomainComponent("0.9.2342.19200300.100.1.25");
inline constexpr Oid kEmailAddress("1.2.840.113549.1.9.1");

// Attributes of certification requests (RFC 2985).
inline constexpr Oid kChallengePassword("1.2.840.113549.1.9.7");
inline constexpr Oid kExtensionRequest("1.2.840.113549.1.9.14");

// Certificate and CRL extensions.
inline constexpr Oid kSubjectDirectoryAttributes("2.5.29.9");
inline constexpr Oid kSubjectKeyIdentifier("2.5.29.14");
inline constexpr Oid kKeyUsage("2.5.29.15");
inline constexpr Oid kSubjectAltName("2.5.29.17");
inline constexpr Oid kIssuerAltName("2.5.29.18");
inline constexpr Oid kBasicConstraints("2.5.29.19");
inline constexpr Oid kCrlNumber("2.5.29.20");
inline constexpr Oid kReasonCode("2.5.29.21");
inline constexpr Oid kInvalidityDate("2.5.29.24");
inline constexpr Oid kDeltaCrlIndicator("2.5.29.27");
inline constexpr Oid kIssuingDistributionPoint("2.5.29.28");
inline constexpr Oid kCertificateIssuer("2.5.29.29");
inline constexpr Oid kNameConstraints("2.5.29.30");
inline constexpr Oid kCrlDistributionPoints("2.5.29.31");
inline constexpr Oid kCertificatePolicies("2.5.29.32");
inline constexpr Oid kPolicyMappings("2.5.29.33");
inline constexpr Oid kAuthorityKeyIdentifier("2.5.29.35");
inline constexpr Oid kPolicyConstraints("2.5.29.36");
inline constexpr Oid kExtendedKeyUsage("2.5.29.37");
inline constexpr Oid kFreshestCrl("2.5.29.46");
inline constexpr Oid kInhibitAnyPolicy("2.5.29.54");
inline constexpr Oid kNoRevocationAvailable("2.5.29.56");
inline constexpr Oid kAuthorityInfoAccess("1.3.6.1.5.5.7.1.1");
inline constexpr Oid kSubjectInfoAccess("1.3.6.1.5.5.7.1.11");
inline constexpr Oid kTlsFeature("1.3.6.1.5.5.7.1.24");
inline constexpr Oid kSctList("1.3.6.1.4.1.11129.2.4.2");
inline constexpr Oid kPrecertificatePoison("1.3.6.1.4.1.11129.2.4.3");
inline constexpr Oid kOcspNoCheck("1.3.6.1.5.5.7.48.1.5");

// Extended key usages.
inline constexpr Oid kAnyExtendedKeyUsage("2.5.29.37.0");
inline constexpr Oid kServerAuth("1.3.6.1.5.5.7.3.1");
inline constexpr Oid kClientAuth("1.3.6.1.5.5.7.3.2");
inline constexpr Oid kCodeSigning("1.3.6.1.5.5.7.3.3");
inline constexpr Oid kEmailProtection("1.3.6.1.5.5.7.3.4");
inline constexpr Oid kIpsecEndSystem("1.3.6.1.5.5.7.3.5");
inline constexpr Oid kIpsecTunnel("1.3.6.1.5.5.7.3.6");
inline constexpr Oid kIpsecUser("1.3.6.1.5.5.7.3.7");
inline constexpr Oid kTimeStamping("1.3.6.1.5.5.7.3.8");
inline constexpr Oid kOcspSigning("1.3.6.1.5.5.7.3.9");
inline constexpr Oid kMicrosoftServerGatedCrypto("1.3.6.1.4.1.311.10.3.3");
inline constexpr Oid kNetscapeServerGatedCrypto("2.16.840.1.113730.4.1");
inline constexpr Oid kMicrosoftCommercialCodeSigning("1.3.6.1.4.1.311.2.1.22");
inline constexpr Oid kMicrosoftKernelCodeSigning("1.3.6.1.4.1.311.61.1.1");
inline constexpr Oid kMicrosoftSmartcardLogon("1.3.6.1.4.1.311.20.2.2");

// Access methods (AIA), policy qualifiers and otherName types.
inline constexpr Oid kOcsp("1.3.6.1.5.5.7.48.1");
inline constexpr Oid kCaIssuers("1.3.6.1.5.5.7.48.2");
inline constexpr Oid kCpsQualifier("1.3.6.1.5.5.7.2.1");
inline constexpr Oid kUserNoticeQualifier("1.3.6.1.5.5.7.2.2");
inline constexpr Oid kAnyPolicy("2.5.29.32.0");
inline constexpr Oid kUserPrincipalName("1.3.6.1.4.1.311.20.2.3");
inline constexpr Oid kSmtpUtf8Mailbox("1.3.6.1.5.5.7.8.9");

// OCSP (RFC 6960) and the digests that a CertID may name.
inline constexpr Oid kOcspBasic("1.3.6.1.5.5.7.48.1.1");
inline constexpr Oid kOcspNonce("1.3.6.1.5.5.7.48.1.2");
inline constexpr Oid kOcspExtendedRevoke("1.3.6.1.5.5.7.48.1.9");
inline constexpr Oid kSha1("1.3.14.3.2.26");
inline constexpr Oid kSha256("2.16.840.1.101.3.4.2.1");

// name returns what people call an extension, extended key usage, access method or policy ("Subject
// Alternative Name", "TLS server"), or "" when it is not known here.
[[nodiscard]] std::string_view name(const Oid& oid);

}  // namespace chancery::x509::oids
