#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& id = tbs.extensions.authority_key_id;
  if (id && (!id->issuer.empty() || id->serial)) {
    report.add("the authority key identifier names an issuer or a serial number");
  }
}

}  // namespace

const Rule kAuthorityKeyIdIssuerRule{"authority_key_id_issuer", Severity::kWarning,
                                     "the authority key identifier names no issuer and serial "
                                     "number: with them a renewed issuer does not fit",
                                     check};

}  // namespace chancery::x509::lint
