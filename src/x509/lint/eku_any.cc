#include <algorithm>

#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& purposes = tbs.extensions.extended_key_usage;
  if (!purposes || purposes->size() < 2) return;
  if (std::ranges::find(*purposes, oids::kAnyExtendedKeyUsage) == purposes->end()) return;
  report.add("anyExtendedKeyUsage among other purposes makes them meaningless");
}

}  // namespace

const Rule kEkuAnyRule{"eku_any", Severity::kWarning, "anyExtendedKeyUsage stands alone", check};

}  // namespace chancery::x509::lint
