#pragma once

#include "x509/lint/rule.h"

namespace chancery::x509::lint {

// One line a rule; lint.cc gives their order.
extern const Rule kVersion3Rule;
extern const Rule kSerialLengthRule;
extern const Rule kValidityOrderRule;
extern const Rule kValidityWithinIssuerRule;
extern const Rule kValidityEncodingRule;
extern const Rule kEmptySubjectRule;
extern const Rule kSanDnsSyntaxRule;
extern const Rule kSanDnsUnderscoreRule;
extern const Rule kSanDnsPartialWildcardRule;
extern const Rule kSanDnsIpAddressRule;
extern const Rule kSanEmailSyntaxRule;
extern const Rule kSanUriSchemeRule;
extern const Rule kSanServerPresentRule;
extern const Rule kCaKeyCertSignRule;
extern const Rule kCaPathLengthRule;
extern const Rule kCaBasicConstraintsCriticalRule;
extern const Rule kCaSubjectKeyIdRule;
extern const Rule kAuthorityKeyIdRule;
extern const Rule kEkuAnyRule;
extern const Rule kKeyUsageEmptyRule;
extern const Rule kKeyUsageCriticalRule;
extern const Rule kKeyUsageKeyRule;
extern const Rule kNameConstraintsCaRule;
extern const Rule kSignatureAlgorithmRule;

}  // namespace chancery::x509::lint
