#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto key = read_rsa_key(tbs.spki);
  if (!key) return;
  const BytesView exponent = key->exponent;
  const bool large =
      exponent.size() > 3 ||
      (exponent.size() == 3 && (exponent[0] > 1 || exponent[1] != 0 || exponent[2] != 0));
  if (!large) report.add("the RSA exponent is below 2^16 + 1");
  if (exponent.size() > 32) report.add("the RSA exponent is over 256 bits");
}

}  // namespace

const Rule kRsaExponentRangeRule{
    "rsa_exponent_range", Severity::kWarning,
    "an RSA exponent lies between 2^16 + 1 and 2^256 - 1 (BR section 6.1.6)", check};

}  // namespace chancery::x509::lint
