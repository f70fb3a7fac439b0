#pragma once

#include "asn1/oid.h"

// Object identifiers of RFC 7292. Internal to this folder.
namespace chancery::containers::oids {

using asn1::Oid;

inline constexpr Oid kData("1.2.840.113549.1.7.1");
inline constexpr Oid kSignedData("1.2.840.113549.1.7.2");
inline constexpr Oid kEncryptedData("1.2.840.113549.1.7.6");
inline constexpr Oid kKeyBag("1.2.840.113549.1.12.10.1.1");
inline constexpr Oid kShroudedKeyBag("1.2.840.113549.1.12.10.1.2");
inline constexpr Oid kCertBag("1.2.840.113549.1.12.10.1.3");
inline constexpr Oid kSafeContentsBag("1.2.840.113549.1.12.10.1.6");
inline constexpr Oid kX509Certificate("1.2.840.113549.1.9.22.1");
inline constexpr Oid kFriendlyName("1.2.840.113549.1.9.20");
inline constexpr Oid kLocalKeyId("1.2.840.113549.1.9.21");
inline constexpr Oid kTrustedKeyUsage("2.16.840.1.113894.746875.1.1");
inline constexpr Oid kAnyExtendedKeyUsage("2.5.29.37.0");
inline constexpr Oid kSha256("2.16.840.1.101.3.4.2.1");

}  // namespace chancery::containers::oids
