#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.subject.empty()) return;
  if (is_ca(tbs)) report.add("subject of a CA is empty");
  const Extension* const names = tbs.extensions.find(oids::kSubjectAltName);
  if (names == nullptr) {
    report.add("subject is empty and there is no subjectAltName");
  } else if (!names->critical) {
    report.add("subject is empty and the subjectAltName is not critical");
  }
}

}  // namespace

const Rule kEmptySubjectRule{
    "empty_subject", Severity::kError,
    "an empty subject has a critical subjectAltName, and no CA has an empty subject", check};

}  // namespace chancery::x509::lint
