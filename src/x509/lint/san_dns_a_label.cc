#include "base/text.h"
#include "x509/idn.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kDns, [&](const GeneralName& name) {
    if (a_labels_decode(name.text())) return;
    report.add("DNS name '" + printable(name.text(), 253) + "' has an A-label that means nothing");
  });
}

}  // namespace

const Rule kSanDnsALabelRule{"san_dns_a_label", Severity::kError,
                             "A-labels stand for U-labels (RFC 5890 section 2.3.2.1)", check};

}  // namespace chancery::x509::lint
