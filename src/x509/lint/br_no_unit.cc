#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_tls_server(tbs) && tbs.subject.first(oids::kOrganizationalUnit)) {
    report.add("the subject has an organizational unit");
  }
}

}  // namespace

const Rule kBrNoUnitRule{
    "br_no_unit", Severity::kOff,
    "a TLS server certificate has no organizational unit (BR section 7.1.2.7.4)", check};

}  // namespace chancery::x509::lint
