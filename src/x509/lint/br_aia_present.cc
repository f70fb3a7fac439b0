#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_self_issued(tbs) || !(is_ca(tbs) || is_tls_server(tbs))) return;
  if (!tbs.extensions.authority_info_access) report.add("there is no authority information access");
}

}  // namespace

const Rule kBrAiaPresentRule{"br_aia_present", Severity::kOff,
                             "certificates below the root have an authority information access (BR "
                             "sections 7.1.2.10.3 and 7.1.2.7.7)",
                             check};

}  // namespace chancery::x509::lint
