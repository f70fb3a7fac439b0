#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_ca(tbs) && !tbs.extensions.find(oids::kBasicConstraints)->critical) {
    report.add("basic constraints of a CA are not critical");
  }
}

}  // namespace

const Rule kCaBasicConstraintsCriticalRule{"ca_basic_constraints_critical", Severity::kError,
                                           "the basic constraints of a CA are critical", check};

}  // namespace chancery::x509::lint
