#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_tls_server(tbs) && !tbs.extensions.certificate_policies) {
    report.add("there are no certificate policies");
  }
}

}  // namespace

const Rule kBrPoliciesPresentRule{
    "br_policies_present", Severity::kOff,
    "a TLS server certificate has certificate policies (BR section 7.1.2.7.9)", check};

}  // namespace chancery::x509::lint
