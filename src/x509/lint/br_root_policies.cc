#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_root(tbs) && tbs.extensions.find(oids::kCertificatePolicies) != nullptr) {
    report.add("the root has certificate policies");
  }
}

}  // namespace

const Rule kBrRootPoliciesRule{"br_root_policies", Severity::kOff,
                               "a root has no certificate policies (BR section 7.1.2.1.2)", check};

}  // namespace chancery::x509::lint
