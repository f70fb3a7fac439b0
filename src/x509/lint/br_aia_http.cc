#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.authority_info_access) return;
  for (const AccessDescription& access : *tbs.extensions.authority_info_access) {
    if (!has_scheme(access.location, "http")) {
      report.add("access location '" + printable(access.location.to_string()) + "' is no HTTP URL");
    }
  }
}

}  // namespace

const Rule kBrAiaHttpRule{
    "br_aia_http", Severity::kOff,
    "locations of the authority information access are HTTP URLs (BR section 7.1.2.10.3)", check};

}  // namespace chancery::x509::lint
