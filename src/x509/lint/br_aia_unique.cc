#include <algorithm>

#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs) || !tbs.extensions.authority_info_access) return;
  const auto& all = *tbs.extensions.authority_info_access;
  for (auto at = all.begin(); at != all.end(); ++at) {
    const bool twice = std::any_of(all.begin(), at, [&](const AccessDescription& other) {
      return other.method == at->method && other.location == at->location;
    });
    if (twice) {
      report.add("access location '" + printable(at->location.to_string()) + "' stands twice");
    }
  }
}

}  // namespace

const Rule kBrAiaUniqueRule{"br_aia_unique", Severity::kOff,
                            "no access location stands twice (BR section 7.1.2.7.7)", check};

}  // namespace chancery::x509::lint
