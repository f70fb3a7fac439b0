#pragma once

#include <cstdint>
#include <string_view>

#include "asn1/oid.h"

// The numbers of the JKS format. Internal to this folder.
namespace chancery::containers {

inline constexpr std::uint32_t kJksMagic = 0xfeedfeed;
inline constexpr std::uint32_t kJceksMagic = 0xcececece;
inline constexpr std::uint32_t kJksVersion = 2;
inline constexpr std::uint32_t kJksKeyEntry = 1;
inline constexpr std::uint32_t kJksTrustedEntry = 2;
inline constexpr std::string_view kJksCertificateType = "X.509";
inline constexpr asn1::Oid kJksKeyProtector("1.3.6.1.4.1.42.2.17.1.1");
inline constexpr std::uint64_t kMaxJksTime = 253402300799999;  // the end of year 9999, in ms

}  // namespace chancery::containers
