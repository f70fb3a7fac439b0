#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (tbs.version != 3) report.add("certificate is version " + std::to_string(tbs.version));
}

}  // namespace

const Rule kVersion3Rule{"version_3", Severity::kError, "the certificate is version 3", check};

}  // namespace chancery::x509::lint
