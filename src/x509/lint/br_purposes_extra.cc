#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs) || !tbs.extensions.extended_key_usage) return;
  for (const asn1::Oid& purpose : *tbs.extensions.extended_key_usage) {
    if (purpose == oids::kServerAuth || purpose == oids::kClientAuth) continue;
    report.add("purpose " + purpose.to_string() + " is none of a TLS server");
  }
}

}  // namespace

const Rule kBrPurposesExtraRule{
    "br_purposes_extra", Severity::kOff,
    "a TLS server certificate has no purpose but serverAuth and clientAuth (BR section 7.1.2.7.10)",
    check};

}  // namespace chancery::x509::lint
