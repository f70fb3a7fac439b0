#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto key = read_rsa_key(tbs.spki);
  if (!key) return;
  const BytesView exponent = key->exponent;
  const bool even = exponent.empty() || exponent.back() % 2 == 0;
  if (even) report.add("the RSA exponent is even");
  if (!even && exponent.size() == 1 && exponent[0] < 3) report.add("the RSA exponent is 1");
}

}  // namespace

const Rule kRsaExponentRule{"rsa_exponent", Severity::kError,
                            "an RSA exponent is odd and at least 3 (BR section 6.1.6)", check};

}  // namespace chancery::x509::lint
