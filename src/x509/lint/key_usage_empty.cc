#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (tbs.extensions.key_usage && tbs.extensions.key_usage->empty())
    report.add("key usage has no bit");
}

}  // namespace

const Rule kKeyUsageEmptyRule{"key_usage_empty", Severity::kError,
                              "the key usage has at least one bit", check};

}  // namespace chancery::x509::lint
