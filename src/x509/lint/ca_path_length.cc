#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& constraints = tbs.extensions.basic_constraints;
  if (!constraints || !constraints->path_length) return;
  const auto& usage = tbs.extensions.key_usage;
  if (!constraints->ca) {
    report.add("path length without cA");
  } else if (usage && !usage->has(KeyUsageBit::kKeyCertSign)) {
    report.add("path length without keyCertSign");
  }
}

}  // namespace

const Rule kCaPathLengthRule{"ca_path_length", Severity::kError,
                             "a path length stands only in a CA whose key may sign certificates",
                             check};

}  // namespace chancery::x509::lint
