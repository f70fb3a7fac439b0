#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.policy_mappings) return;
  for (const PolicyMapping& mapping : *tbs.extensions.policy_mappings) {
    if (mapping.issuer == oids::kAnyPolicy || mapping.subject == oids::kAnyPolicy) {
      report.add("anyPolicy is mapped");
    }
  }
}

}  // namespace

const Rule kPolicyMappingAnyRule{"policy_mapping_any", Severity::kError,
                                 "anyPolicy is not mapped (RFC 5280 section 4.2.1.5)", check};

}  // namespace chancery::x509::lint
