#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_notice(tbs, [&](std::string_view text) {
    if (characters(text) > 200) report.add("a user notice has more than 200 characters");
  });
}

}  // namespace

const Rule kPolicyNoticeLengthRule{
    "policy_notice_length", Severity::kError,
    "the text of a user notice has at most 200 characters (RFC 5280 section 4.2.1.4)", check};

}  // namespace chancery::x509::lint
