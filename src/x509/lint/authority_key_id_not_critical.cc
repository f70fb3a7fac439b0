#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kAuthorityKeyIdentifier);
  if (found != nullptr && found->critical) report.add("the authority key identifier critical");
}

}  // namespace

const Rule kAuthorityKeyIdNotCriticalRule{
    "authority_key_id_not_critical", Severity::kError,
    "the authority key identifier is not critical (RFC 5280 section 4.2.1.1)", check};

}  // namespace chancery::x509::lint
