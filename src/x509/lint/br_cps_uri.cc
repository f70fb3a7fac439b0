#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.certificate_policies) return;
  for (const PolicyInformation& policy : *tbs.extensions.certificate_policies) {
    for (const std::string& uri : policy.cps_uris) {
      if (has_scheme(uri, "http") || has_scheme(uri, "https")) continue;
      report.add("practice statement '" + printable(uri) + "' is no HTTP URL");
    }
  }
}

}  // namespace

const Rule kBrCpsUriRule{
    "br_cps_uri", Severity::kOff,
    "pointers to a practice statement are HTTP or HTTPS URLs (BR section 7.1.2.10.5)", check};

}  // namespace chancery::x509::lint
