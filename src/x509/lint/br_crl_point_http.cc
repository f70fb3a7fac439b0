#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.crl_distribution_points) return;
  for (const DistributionPoint& point : *tbs.extensions.crl_distribution_points) {
    for (const GeneralName& name : point.full_name) {
      if (has_scheme(name, "http")) continue;
      report.add("CRL distribution point '" + printable(name.to_string()) + "' is no HTTP URL");
    }
  }
}

}  // namespace

const Rule kBrCrlPointHttpRule{"br_crl_point_http", Severity::kOff,
                               "CRL distribution points are HTTP URLs (BR section 7.1.2.11.2)",
                               check};

}  // namespace chancery::x509::lint
