#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for (const Attribute& attribute : tbs.subject.attributes()) {
    const auto text = attribute.text();
    if (!text || !has_control_character(*text)) continue;
    report.add("the subject's " + attribute_name(attribute.type) + " has control characters");
  }
}

}  // namespace

const Rule kSubjectControlRule{"subject_control", Severity::kError,
                               "the subject's values have no control characters", check};

}  // namespace chancery::x509::lint
