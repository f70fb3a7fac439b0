#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& usage = tbs.extensions.key_usage;
  if (is_tls_server(tbs) && usage && usage->has(KeyUsageBit::kCrlSign)) {
    report.add("the key usage has cRLSign");
  }
}

}  // namespace

const Rule kBrLeafCrlSignRule{"br_leaf_crl_sign", Severity::kOff,
                              "a TLS server's key usage lacks cRLSign (BR section 7.1.2.7.11)",
                              check};

}  // namespace chancery::x509::lint
