#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kPolicyMappings);
  if (found != nullptr && !found->critical) report.add("the policy mappings are not critical");
}

}  // namespace

const Rule kPolicyMappingsCriticalRule{
    "policy_mappings_critical", Severity::kWarning,
    "the policy mappings are critical (RFC 5280 section 4.2.1.5)", check};

}  // namespace chancery::x509::lint
