#include <algorithm>

#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs) || tbs.extensions.crl_distribution_points) return;
  if (tbs.not_after - tbs.not_before < 7 * kDay) return;
  const auto& access = tbs.extensions.authority_info_access;
  if (access &&
      std::ranges::find(*access, oids::kOcsp, &AccessDescription::method) != access->end()) {
    return;
  }
  report.add("there is neither an OCSP pointer nor a CRL distribution point");
}

}  // namespace

const Rule kBrRevocationPointerRule{
    "br_revocation_pointer", Severity::kOff,
    "a TLS server certificate without an OCSP pointer has CRL distribution points, unless it lives "
    "7 days or less (BR section 7.1.2.11.2)",
    check};

}  // namespace chancery::x509::lint
