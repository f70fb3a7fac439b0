#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kExtendedKeyUsage);
  if (found != nullptr && found->critical && has_purpose(tbs, oids::kAnyExtendedKeyUsage)) {
    report.add("the extended key usage is critical and has anyExtendedKeyUsage");
  }
}

}  // namespace

const Rule kEkuAnyNotCriticalRule{
    "eku_any_not_critical", Severity::kWarning,
    "an extended key usage with anyExtendedKeyUsage is not critical (RFC 5280 section 4.2.1.12)",
    check};

}  // namespace chancery::x509::lint
