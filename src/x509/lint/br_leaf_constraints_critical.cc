#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kBasicConstraints);
  if (is_tls_server(tbs) && found != nullptr && !found->critical) {
    report.add("the basic constraints are not critical");
  }
}

}  // namespace

const Rule kBrLeafConstraintsCriticalRule{
    "br_leaf_constraints_critical", Severity::kOff,
    "the basic constraints of a TLS server certificate are critical (BR section 7.1.2.7.8)", check};

}  // namespace chancery::x509::lint
