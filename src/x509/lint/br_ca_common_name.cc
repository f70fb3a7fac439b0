#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_ca(tbs) && !tbs.subject.first(oids::kCommonName)) report.add("the CA has no common name");
}

}  // namespace

const Rule kBrCaCommonNameRule{"br_ca_common_name", Severity::kOff,
                               "a CA has a common name (BR section 7.1.2.10.2)", check};

}  // namespace chancery::x509::lint
