#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kSubjectDirectoryAttributes);
  if (found != nullptr && found->critical) report.add("the subject directory attributes critical");
}

}  // namespace

const Rule kSubjectDirectoryNotCriticalRule{
    "subject_directory_not_critical", Severity::kError,
    "the subject directory attributes are not critical (RFC 5280 section 4.2.1.8)", check};

}  // namespace chancery::x509::lint
