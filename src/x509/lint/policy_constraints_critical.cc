#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kPolicyConstraints);
  if (found != nullptr && !found->critical) report.add("the policy constraints are not critical");
}

}  // namespace

const Rule kPolicyConstraintsCriticalRule{
    "policy_constraints_critical", Severity::kError,
    "the policy constraints are critical (RFC 5280 section 4.2.1.11)", check};

}  // namespace chancery::x509::lint
