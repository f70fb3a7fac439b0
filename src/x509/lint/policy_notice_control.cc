#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_notice(tbs, [&](std::string_view text) {
    if (has_control_character(text)) report.add("a user notice has control characters");
  });
}

}  // namespace

const Rule kPolicyNoticeControlRule{
    "policy_notice_control", Severity::kWarning,
    "the text of a user notice has no control characters (RFC 5280 section 4.2.1.4)", check};

}  // namespace chancery::x509::lint
