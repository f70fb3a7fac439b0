#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for (const Name* const name : {&tbs.issuer, &tbs.subject}) {
    for (const Attribute& attribute : name->attributes()) {
      if (attribute.type == oids::kCountry && attribute.tag != asn1::kPrintableString) {
        report.add(name == &tbs.subject ? "the subject's countryName is no PrintableString"
                                        : "the issuer's countryName is no PrintableString");
      }
    }
  }
}

}  // namespace

const Rule kNameCountryPrintableRule{"name_country_printable", Severity::kError,
                                     "countryName is a PrintableString (RFC 5280 appendix A.1)",
                                     check};

}  // namespace chancery::x509::lint
