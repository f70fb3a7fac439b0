#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for (const Attribute& attribute : tbs.subject.attributes()) {
    const auto text = attribute.text();
    if (!text) continue;
    if (text->find_first_not_of(" .-*") == std::string::npos) {
      report.add("the subject's " + attribute_name(attribute.type) + " is '" + printable(*text) +
                 "'");
    }
  }
}

}  // namespace

const Rule kBrSubjectPlaceholderRule{
    "br_subject_placeholder", Severity::kOff,
    "no value of the subject stands for its absence (BR section 7.1.4.1)", check};

}  // namespace chancery::x509::lint
