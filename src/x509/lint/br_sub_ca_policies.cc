#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_sub_ca(tbs) && !tbs.extensions.certificate_policies) {
    report.add("the CA has no certificate policies");
  }
}

}  // namespace

const Rule kBrSubCaPoliciesRule{
    "br_sub_ca_policies", Severity::kOff,
    "a CA below the root has certificate policies (BR section 7.1.2.10.5)", check};

}  // namespace chancery::x509::lint
