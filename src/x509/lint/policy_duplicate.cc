#include <algorithm>

#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.certificate_policies) return;
  const auto& policies = *tbs.extensions.certificate_policies;
  for (auto at = policies.begin(); at != policies.end(); ++at) {
    if (std::ranges::find(policies.begin(), at, at->id, &PolicyInformation::id) != at) {
      report.add("certificate policy " + at->id.to_string() + " stands twice");
    }
  }
}

}  // namespace

const Rule kPolicyDuplicateRule{"policy_duplicate", Severity::kError,
                                "no certificate policy stands twice (RFC 5280 section 4.2.1.4)",
                                check};

}  // namespace chancery::x509::lint
