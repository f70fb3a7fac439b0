#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto key = read_rsa_key(tbs.spki);
  if (key && (key->modulus.empty() || key->modulus.back() % 2 == 0)) {
    report.add("the RSA modulus is even");
  }
}

}  // namespace

const Rule kRsaModulusOddRule{"rsa_modulus_odd", Severity::kError,
                              "an RSA modulus is odd (BR section 6.1.6)", check};

}  // namespace chancery::x509::lint
