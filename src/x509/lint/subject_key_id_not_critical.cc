#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kSubjectKeyIdentifier);
  if (found != nullptr && found->critical) report.add("the subject key identifier critical");
}

}  // namespace

const Rule kSubjectKeyIdNotCriticalRule{
    "subject_key_id_not_critical", Severity::kError,
    "the subject key identifier is not critical (RFC 5280 section 4.2.1.2)", check};

}  // namespace chancery::x509::lint
