#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kAuthorityInfoAccess);
  if (found != nullptr && found->critical) report.add("the authority information access critical");
}

}  // namespace

const Rule kAiaNotCriticalRule{
    "aia_not_critical", Severity::kError,
    "the authority information access is not critical (RFC 5280 section 4.2.2.1)", check};

}  // namespace chancery::x509::lint
