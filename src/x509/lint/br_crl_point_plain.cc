#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.crl_distribution_points) return;
  for (const DistributionPoint& point : *tbs.extensions.crl_distribution_points) {
    if (!point.crl_issuer.empty()) report.add("a CRL distribution point has a CRL issuer");
    if (point.reasons) report.add("a CRL distribution point has reasons");
  }
}

}  // namespace

const Rule kBrCrlPointPlainRule{
    "br_crl_point_plain", Severity::kOff,
    "CRL distribution points have no reasons and no CRL issuer (BR section 7.1.2.11.2)", check};

}  // namespace chancery::x509::lint
