#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs) || !tbs.extensions.subject_alt_name) return;
  using enum GeneralName::Kind;
  for (const GeneralName& name : *tbs.extensions.subject_alt_name) {
    if (name.kind() == kDns || name.kind() == kIp) continue;
    report.add("alternative name '" + printable(name.to_string()) +
               "' is neither DNS name nor address");
  }
}

}  // namespace

const Rule kBrSanKindsRule{
    "br_san_kinds", Severity::kOff,
    "the alternative names of a TLS server are DNS names and addresses (BR section 7.1.2.7.12)",
    check};

}  // namespace chancery::x509::lint
