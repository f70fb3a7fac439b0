#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.authority_info_access) return;
  bool pointed = false;
  for (const AccessDescription& access : *tbs.extensions.authority_info_access) {
    if (access.method != oids::kCaIssuers) continue;
    const GeneralName& location = access.location;
    if (has_scheme(location, "http") || has_scheme(location, "ldap")) return;
    pointed = true;
  }
  if (pointed) report.add("no caIssuers location is an HTTP or LDAP URI");
}

}  // namespace

const Rule kAiaIssuerUriRule{"aia_issuer_uri", Severity::kWarning,
                             "where the issuer's certificate is pointed to, it is by an HTTP or "
                             "LDAP URI (RFC 5280 section 4.2.2.1)",
                             check};

}  // namespace chancery::x509::lint
