#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_root(tbs) && tbs.extensions.basic_constraints->path_length) {
    report.add("the root has a path length");
  }
}

}  // namespace

const Rule kBrRootPathLengthRule{"br_root_path_length", Severity::kOff,
                                 "a root has no path length (BR section 7.1.2.1.4)", check};

}  // namespace chancery::x509::lint
