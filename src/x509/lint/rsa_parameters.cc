#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto key = read_rsa_key(tbs.spki);
  if (key && !key->null_parameters) report.add("the parameters of the RSA key are not NULL");
}

}  // namespace

const Rule kRsaParametersRule{
    "rsa_parameters", Severity::kError,
    "the algorithm identifier of an RSA key has NULL parameters (RFC 3279 section 2.3.1)", check};

}  // namespace chancery::x509::lint
