#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_ca(tbs) && !tbs.extensions.extended_key_usage) {
    report.add("there is no extended key usage");
  }
}

}  // namespace

const Rule kBrPurposesPresentRule{
    "br_purposes_present", Severity::kOff,
    "a TLS server certificate has an extended key usage (BR section 7.1.2.7.10)", check};

}  // namespace chancery::x509::lint
