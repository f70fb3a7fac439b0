#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const found = tbs.extensions.find(oids::kExtendedKeyUsage);
  if (is_tls_server(tbs) && found != nullptr && found->critical) {
    report.add("the extended key usage is critical");
  }
}

}  // namespace

const Rule kBrPurposesNotCriticalRule{
    "br_purposes_not_critical", Severity::kOff,
    "the extended key usage of a TLS server certificate is not critical (BR section 7.1.2.7.6)",
    check};

}  // namespace chancery::x509::lint
