#include <algorithm>

#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto attributes = tbs.subject.attributes();
  const auto same_rdn = [](const Attribute& a, const Attribute& b) { return a.rdn == b.rdn; };
  if (std::ranges::adjacent_find(attributes, same_rdn) != attributes.end()) {
    report.add("a RelativeDistinguishedName of the subject has several attributes");
  }
}

}  // namespace

const Rule kSubjectMultiValuedRule{
    "subject_multi_valued", Severity::kOff,
    "each RelativeDistinguishedName of the subject has one attribute", check};

}  // namespace chancery::x509::lint
