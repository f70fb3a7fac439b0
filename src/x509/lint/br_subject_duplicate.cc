#include <algorithm>

#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto attributes = tbs.subject.attributes();
  for (auto at = attributes.begin(); at != attributes.end(); ++at) {
    if (at->type == oids::kDomainComponent || at->type == oids::kStreet) continue;
    if (std::ranges::find(attributes.begin(), at, at->type, &Attribute::type) != at) {
      report.add("the subject has " + attribute_name(at->type) + " twice");
    }
  }
}

}  // namespace

const Rule kBrSubjectDuplicateRule{"br_subject_duplicate", Severity::kOff,
                                   "no attribute type but the domain component and the street "
                                   "stands twice in the subject (BR section 7.1.4.1)",
                                   check};

}  // namespace chancery::x509::lint
