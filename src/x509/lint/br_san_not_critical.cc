#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kSubjectAltName);
  if (found != nullptr && found->critical && !tbs.subject.empty()) {
    report.add("the subjectAltName is critical although there is a subject");
  }
}

}  // namespace

const Rule kBrSanNotCriticalRule{"br_san_not_critical", Severity::kOff,
                                 "the alternative names of a certificate with a subject are not "
                                 "critical (RFC 5280 section 4.2.1.6)",
                                 check};

}  // namespace chancery::x509::lint
