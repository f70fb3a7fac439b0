#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kDns, [&](const GeneralName& name) {
    if (name.text().find('_') == std::string_view::npos) return;
    report.add("DNS name '" + printable(name.text(), 253) + "' has an underscore");
  });
}

}  // namespace

const Rule kSanDnsUnderscoreRule{"san_dns_underscore", Severity::kWarning,
                                 "DNS names have no underscore (RFC 1123 host names)", check};

}  // namespace chancery::x509::lint
