#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& usage = tbs.extensions.key_usage;
  const bool signs = usage && usage->has(KeyUsageBit::kKeyCertSign);
  if (is_ca(tbs) && !usage) report.add("CA has no key usage");
  if (is_ca(tbs) && usage && !signs) report.add("CA's key usage lacks keyCertSign");
  if (!is_ca(tbs) && signs) report.add("key usage keyCertSign without cA in the basic constraints");
}

}  // namespace

const Rule kCaKeyCertSignRule{
    "ca_key_cert_sign", Severity::kError,
    "cA and keyCertSign go together (RFC 5280 sections 4.2.1.3 and 4.2.1.9)", check};

}  // namespace chancery::x509::lint
