#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const constraints = tbs.extensions.find(oids::kNameConstraints);
  if (constraints == nullptr) return;
  if (!is_ca(tbs)) report.add("name constraints in a certificate that is not a CA");
  if (!constraints->critical) report.add("name constraints are not critical");
}

}  // namespace

const Rule kNameConstraintsCaRule{"name_constraints_ca", Severity::kError,
                                  "name constraints stand only in a CA, and are critical", check};

}  // namespace chancery::x509::lint
