#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const Extension* const usage = tbs.extensions.find(oids::kKeyUsage);
  if (usage != nullptr && !usage->critical) report.add("key usage is not critical");
}

}  // namespace

const Rule kKeyUsageCriticalRule{"key_usage_critical", Severity::kWarning,
                                 "the key usage is critical", check};

}  // namespace chancery::x509::lint
