#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kCrlDistributionPoints);
  if (found != nullptr && found->critical) report.add("the CRL distribution points critical");
}

}  // namespace

const Rule kCrlPointsNotCriticalRule{
    "crl_points_not_critical", Severity::kWarning,
    "the CRL distribution points are not critical (RFC 5280 section 4.2.1.13)", check};

}  // namespace chancery::x509::lint
