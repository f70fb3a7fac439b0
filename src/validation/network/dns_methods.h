#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "validation/network/probe.h"

namespace chancery::validation::network {

// dns_01 wants the digest of the key authorisation in a TXT record at "_acme-challenge." + name
// (RFC 8555 section 8.4); one of many records suffices.
[[nodiscard]] Outcome dns_01(const Attempt& attempt, const Probe& probe);
// dns_account_01 is dns_01 below a label of the account's own.
[[nodiscard]] Outcome dns_account_01(const Attempt& attempt, const Probe& probe);
// account_label is that label: "_" and, in base32, ten octets of the SHA-256 of the account's URL.
[[nodiscard]] std::string account_label(std::string_view account_url);

// dns_persist_01 wants a record at "_validation-persist." + name that lets the account use one of
// the issuers; the record stays, so there is no token.
[[nodiscard]] Outcome dns_persist_01(const Attempt& attempt, const Probe& probe);
// judge_persistent is its decision over the records alone. Pure.
[[nodiscard]] Outcome judge_persistent(const Attempt& attempt,
                                       const std::vector<std::string>& records, TimePoint now);

}  // namespace chancery::validation::network
