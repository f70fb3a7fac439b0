#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_sub_ca(tbs) && !tbs.extensions.crl_distribution_points) {
    report.add("the CA has no CRL distribution points");
  }
}

}  // namespace

const Rule kBrSubCaCrlPointsRule{
    "br_sub_ca_crl_points", Severity::kOff,
    "a CA below the root has CRL distribution points (BR section 7.1.2.11.2)", check};

}  // namespace chancery::x509::lint
