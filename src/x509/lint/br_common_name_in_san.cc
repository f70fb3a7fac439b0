#include <algorithm>

#include "base/text.h"
#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

bool names(const TbsCertificate& tbs, std::string_view wanted) {
  if (!tbs.extensions.subject_alt_name) return false;
  const auto address = parse_ip(wanted);
  return std::ranges::any_of(*tbs.extensions.subject_alt_name, [&](const GeneralName& name) {
    if (name.kind() == GeneralName::Kind::kDns) return equal_ignoring_case(name.text(), wanted);
    return name.kind() == GeneralName::Kind::kIp && address && equal(name.octets(), *address);
  });
}

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs)) return;
  for (const std::string& common_name : tbs.subject.all(oids::kCommonName)) {
    if (!names(tbs, common_name)) {
      report.add("common name '" + printable(common_name) + "' is no alternative name");
    }
  }
}

}  // namespace

const Rule kBrCommonNameInSanRule{"br_common_name_in_san", Severity::kOff,
                                  "a common name is also an alternative name (BR section 7.1.4.3)",
                                  check};

}  // namespace chancery::x509::lint
