#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.subject_key_id) report.add("there is no subject key identifier");
}

}  // namespace

const Rule kSubjectKeyIdPresentRule{
    "subject_key_id_present", Severity::kOff,
    "every certificate has a subject key identifier (RFC 5280 section 4.2.1.2)", check};

}  // namespace chancery::x509::lint
