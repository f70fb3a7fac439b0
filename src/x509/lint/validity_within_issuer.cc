#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext& context, Report& report) {
  if (context.issuer_not_before && tbs.not_before < *context.issuer_not_before) {
    report.add("notBefore " + rfc3339(tbs.not_before) + " is before the issuer's, " +
               rfc3339(*context.issuer_not_before));
  }
  if (context.issuer_not_after && tbs.not_after > *context.issuer_not_after) {
    report.add("notAfter " + rfc3339(tbs.not_after) + " is after the issuer's, " +
               rfc3339(*context.issuer_not_after));
  }
}

}  // namespace

const Rule kValidityWithinIssuerRule{"validity_within_issuer", Severity::kError,
                                     "the validity lies within the issuer's", check};

}  // namespace chancery::x509::lint
