#include <algorithm>

#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.crl_distribution_points) return;
  for (const DistributionPoint& point : *tbs.extensions.crl_distribution_points) {
    if (point.full_name.empty()) continue;
    const bool fetched = std::ranges::any_of(point.full_name, [](const GeneralName& name) {
      return has_scheme(name, "http") || has_scheme(name, "https") || has_scheme(name, "ldap");
    });
    if (!fetched) report.add("a CRL distribution point has no HTTP or LDAP URI");
  }
}

}  // namespace

const Rule kCrlPointUriRule{
    "crl_point_uri", Severity::kWarning,
    "a CRL distribution point with a full name has an LDAP or HTTP URI (RFC 5280 section 4.2.1.13)",
    check};

}  // namespace chancery::x509::lint
