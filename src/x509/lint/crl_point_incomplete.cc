#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.crl_distribution_points) return;
  for (const DistributionPoint& point : *tbs.extensions.crl_distribution_points) {
    const bool named = !point.full_name.empty() || point.relative_name;
    if (!named && point.crl_issuer.empty()) {
      report.add("a CRL distribution point has neither name nor CRL issuer");
    }
  }
}

}  // namespace

const Rule kCrlPointIncompleteRule{
    "crl_point_incomplete", Severity::kError,
    "a CRL distribution point has a name or a CRL issuer (RFC 5280 section 4.2.1.13)", check};

}  // namespace chancery::x509::lint
