#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto key = read_rsa_key(tbs.spki);
  if (key && modulus_bits(*key) < 2048) {
    report.add("the RSA modulus has " + std::to_string(modulus_bits(*key)) + " bits");
  }
}

}  // namespace

const Rule kRsaSizeRule{"rsa_size", Severity::kError,
                        "an RSA modulus has at least 2048 bits (BR section 6.1.5)", check};

}  // namespace chancery::x509::lint
