#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kIssuerAltName);
  if (found != nullptr && found->critical) report.add("thesuer alternative name critical");
}

}  // namespace

const Rule kIssuerAltNameNotCriticalRule{
    "issuer_alt_name_not_critical", Severity::kWarning,
    "the issuer alternative name is not critical (RFC 5280 section 4.2.1.7)", check};

}  // namespace chancery::x509::lint
