#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_root(tbs) && tbs.extensions.extended_key_usage) {
    report.add("the root has an extended key usage");
  }
}

}  // namespace

const Rule kBrRootPurposesRule{"br_root_purposes", Severity::kOff,
                               "a root has no extended key usage (BR section 7.1.2.1.2)", check};

}  // namespace chancery::x509::lint
