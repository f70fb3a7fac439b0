#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs) || !tbs.extensions.authority_info_access) return;
  for (const AccessDescription& access : *tbs.extensions.authority_info_access) {
    if (access.method != oids::kOcsp && access.method != oids::kCaIssuers) {
      report.add("access method " + access.method.to_string() + " is neither OCSP nor caIssuers");
    }
  }
}

}  // namespace

const Rule kBrAiaMethodsRule{
    "br_aia_methods", Severity::kOff,
    "the authority information access has OCSP and caIssuers only (BR section 7.1.2.7.7)", check};

}  // namespace chancery::x509::lint
