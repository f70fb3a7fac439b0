#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kInhibitAnyPolicy);
  if (found != nullptr && !found->critical) report.add("inhibitAnyPolicy is not critical");
}

}  // namespace

const Rule kInhibitAnyPolicyCriticalRule{"inhibit_any_policy_critical", Severity::kError,
                                         "inhibitAnyPolicy is critical (RFC 5280 section 4.2.1.14)",
                                         check};

}  // namespace chancery::x509::lint
