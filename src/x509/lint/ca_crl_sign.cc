#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& usage = tbs.extensions.key_usage;
  if (is_ca(tbs) && usage && !usage->has(KeyUsageBit::kCrlSign)) {
    report.add("a CA's key usage lacks cRLSign");
  }
}

}  // namespace

const Rule kCaCrlSignRule{"ca_crl_sign", Severity::kWarning,
                          "a CA may sign CRLs (BR section 7.1.2.10.7)", check};

}  // namespace chancery::x509::lint
