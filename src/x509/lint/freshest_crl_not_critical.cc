#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kFreshestCrl);
  if (found != nullptr && found->critical) report.add("the freshest CRL critical");
}

}  // namespace

const Rule kFreshestCrlNotCriticalRule{
    "freshest_crl_not_critical", Severity::kError,
    "the freshest CRL is not critical (RFC 5280 section 4.2.1.15)", check};

}  // namespace chancery::x509::lint
