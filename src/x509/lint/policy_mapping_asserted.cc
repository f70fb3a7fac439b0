#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.policy_mappings) return;
  for (const PolicyMapping& mapping : *tbs.extensions.policy_mappings) {
    if (!has_policy(tbs, mapping.issuer)) {
      report.add("policy " + mapping.issuer.to_string() + " is mapped but not asserted");
    }
  }
}

}  // namespace

const Rule kPolicyMappingAssertedRule{
    "policy_mapping_asserted", Severity::kWarning,
    "an issuer's policy that is mapped is also asserted (RFC 5280 section 4.2.1.5)", check};

}  // namespace chancery::x509::lint
