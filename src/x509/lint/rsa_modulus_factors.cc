#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

std::uint32_t remainder(BytesView number, std::uint32_t divisor) {
  std::uint32_t rest = 0;
  for (const std::uint8_t octet : number) rest = (rest * 256 + octet) % divisor;
  return rest;
}

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto key = read_rsa_key(tbs.spki);
  if (!key) return;
  for (std::uint32_t divisor = 2; divisor < 752; ++divisor) {
    if (remainder(key->modulus, divisor) != 0) continue;
    report.add("the RSA modulus has the factor " + std::to_string(divisor));
    return;
  }
}

}  // namespace

const Rule kRsaModulusFactorsRule{
    "rsa_modulus_factors", Severity::kOff,
    "an RSA modulus has no factor below 752 (BR section 6.1.6); no key with one gets this far",
    check};

}  // namespace chancery::x509::lint
