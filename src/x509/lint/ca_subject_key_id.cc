#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& id = tbs.extensions.subject_key_id;
  if (is_ca(tbs) && (!id || id->empty())) report.add("CA has no subject key identifier");
}

}  // namespace

const Rule kCaSubjectKeyIdRule{"ca_subject_key_id", Severity::kError,
                               "a CA has a subject key identifier", check};

}  // namespace chancery::x509::lint
