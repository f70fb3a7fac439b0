#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kSubjectInfoAccess);
  if (found != nullptr && found->critical) report.add("the subject information access critical");
}

}  // namespace

const Rule kSubjectInfoAccessNotCriticalRule{
    "subject_info_access_not_critical", Severity::kError,
    "the subject information access is not critical (RFC 5280 section 4.2.2.2)", check};

}  // namespace chancery::x509::lint
