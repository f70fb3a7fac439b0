#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_tls_server(tbs) && tbs.subject.first(oids::kCommonName)) {
    report.add("the subject has a common name");
  }
}

}  // namespace

const Rule kBrCommonNameRule{"br_common_name", Severity::kOff,
                             "a TLS server certificate has no common name (BR section 7.1.2.7.2)",
                             check};

}  // namespace chancery::x509::lint
