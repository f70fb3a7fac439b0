#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kDns, [&](const GeneralName& name) {
    for (const std::string_view label : split(name.text(), '.')) {
      if (label.size() < 4 || label.substr(2, 2) != "--") continue;
      if (equal_ignoring_case(label.substr(0, 2), "xn")) continue;
      report.add("DNS name '" + printable(name.text(), 253) + "' has the reserved label '" +
                 printable(label) + "'");
    }
  });
}

}  // namespace

const Rule kSanDnsReservedLabelRule{
    "san_dns_reserved_label", Severity::kWarning,
    "labels with hyphens in the third and fourth place are A-labels (RFC 5890 section 2.3.1)",
    check};

}  // namespace chancery::x509::lint
