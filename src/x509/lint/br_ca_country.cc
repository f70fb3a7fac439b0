#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_ca(tbs)) return;
  const auto country = tbs.subject.first(oids::kCountry);
  if (!country || country->empty()) report.add("the CA has no country");
}

}  // namespace

const Rule kBrCaCountryRule{"br_ca_country", Severity::kOff,
                            "a CA has a country (BR section 7.1.2.10.2)", check};

}  // namespace chancery::x509::lint
