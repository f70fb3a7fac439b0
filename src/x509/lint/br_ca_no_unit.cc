#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_ca(tbs) && tbs.subject.first(oids::kOrganizationalUnit)) {
    report.add("the CA has an organizational unit");
  }
}

}  // namespace

const Rule kBrCaNoUnitRule{"br_ca_no_unit", Severity::kOff,
                           "a CA has no organizational unit (BR section 7.1.2.10.2)", check};

}  // namespace chancery::x509::lint
