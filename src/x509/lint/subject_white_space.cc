#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for (const Attribute& attribute : tbs.subject.attributes()) {
    const auto text = attribute.text();
    if (!text || trim(*text) == *text) continue;
    report.add("the subject's " + attribute_name(attribute.type) +
               " begins or ends with white space");
  }
}

}  // namespace

const Rule kSubjectWhiteSpaceRule{"subject_white_space", Severity::kWarning,
                                  "the subject's values neither begin nor end with white space",
                                  check};

}  // namespace chancery::x509::lint
