#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto key = read_rsa_key(tbs.spki);
  if (key && modulus_bits(*key) % 8 != 0) {
    report.add("the RSA modulus has " + std::to_string(modulus_bits(*key)) + " bits");
  }
}

}  // namespace

const Rule kRsaSizeOctetsRule{"rsa_size_octets", Severity::kWarning,
                              "the bits of an RSA modulus are a multiple of 8", check};

}  // namespace chancery::x509::lint
