#include <algorithm>

#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& purposes = tbs.extensions.extended_key_usage;
  if (!purposes || tbs.extensions.subject_alt_name || is_ca(tbs)) return;
  if (std::ranges::find(*purposes, oids::kServerAuth) == purposes->end()) return;
  report.add("TLS server certificate has no subjectAltName");
}

}  // namespace

const Rule kSanServerPresentRule{
    "san_server_present", Severity::kWarning,
    "TLS server certificates have a subjectAltName; clients ignore the common name", check};

}  // namespace chancery::x509::lint
