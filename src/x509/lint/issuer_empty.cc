#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (tbs.issuer.empty()) report.add("the issuer's name is empty");
}

}  // namespace

const Rule kIssuerEmptyRule{"issuer_empty", Severity::kError,
                            "the issuer has a name (RFC 5280 section 4.1.2.4)", check};

}  // namespace chancery::x509::lint
