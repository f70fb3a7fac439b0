#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kDns, [&](const GeneralName& name) {
    const std::string_view first = name.text().substr(0, name.text().find('.'));
    if (first.size() < 2 || first.find('*') == std::string_view::npos) return;
    report.add("DNS name '" + printable(name.text(), 253) + "' has a partial wildcard");
  });
}

}  // namespace

const Rule kSanDnsPartialWildcardRule{
    "san_dns_partial_wildcard", Severity::kWarning,
    "'*' is a whole label; clients reject or ignore partial ones (RFC 9525 section 6.3)", check};

}  // namespace chancery::x509::lint
