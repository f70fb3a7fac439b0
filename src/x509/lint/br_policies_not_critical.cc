#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kCertificatePolicies);
  if (found != nullptr && found->critical) report.add("the certificate policies are critical");
}

}  // namespace

const Rule kBrPoliciesNotCriticalRule{
    "br_policies_not_critical", Severity::kOff,
    "the certificate policies are not critical (BR section 7.1.2.7.6)", check};

}  // namespace chancery::x509::lint
