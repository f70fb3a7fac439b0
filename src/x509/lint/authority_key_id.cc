#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_self_issued(tbs)) return;
  const auto& id = tbs.extensions.authority_key_id;
  if (!id || !id->key_id || id->key_id->empty()) report.add("authority key identifier is missing");
}

}  // namespace

const Rule kAuthorityKeyIdRule{
    "authority_key_id", Severity::kError,
    "a certificate that is not self-issued has an authority key identifier", check};

}  // namespace chancery::x509::lint
