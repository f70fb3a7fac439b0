#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (tbs.not_after < tbs.not_before) {
    report.add("notAfter " + rfc3339(tbs.not_after) + " is before notBefore " +
               rfc3339(tbs.not_before));
  }
}

}  // namespace

const Rule kValidityOrderRule{"validity_order", Severity::kError,
                              "notAfter is not before notBefore", check};

}  // namespace chancery::x509::lint
