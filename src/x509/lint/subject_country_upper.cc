#include <algorithm>

#include "base/text.h"
#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for (const std::string& country : tbs.subject.all(oids::kCountry)) {
    if (std::ranges::any_of(country, [](char c) { return c >= 'a' && c <= 'z'; })) {
      report.add("country '" + printable(country) + "' has small letters");
    }
  }
}

}  // namespace

const Rule kSubjectCountryUpperRule{
    "subject_country_upper", Severity::kWarning,
    "the subject's country is written in capital letters (ISO 3166-1)", check};

}  // namespace chancery::x509::lint
