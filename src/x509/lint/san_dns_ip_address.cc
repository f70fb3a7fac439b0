#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kDns, [&](const GeneralName& name) {
    if (parse_ip(name.text()))
      report.add("DNS name '" + printable(name.text()) + "' is an IP address");
  });
}

}  // namespace

const Rule kSanDnsIpAddressRule{"san_dns_ip_address", Severity::kWarning,
                                "IP addresses stand in iPAddress names, not in DNS names", check};

}  // namespace chancery::x509::lint
