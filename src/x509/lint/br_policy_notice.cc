#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  bool noticed = false;
  for_each_notice(tbs, [&](std::string_view) { noticed = true; });
  if (noticed) report.add("a policy has a user notice");
}

}  // namespace

const Rule kBrPolicyNoticeRule{
    "br_policy_notice", Severity::kOff,
    "policies have no qualifier but the practice statement's URL (BR section 7.1.2.7.9)", check};

}  // namespace chancery::x509::lint
