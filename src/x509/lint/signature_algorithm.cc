#include "crypto/algorithm.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext& context, Report& report) {
  const auto scheme = crypto::parse_algorithm_identifier(tbs.signature_algorithm);
  if (!scheme) {
    report.add("signature algorithm: " + scheme.error().detail);
  } else if (context.issuer_key && !crypto::fits(*context.issuer_key, *scheme)) {
    report.add("signature algorithm " + std::string(crypto::name(*scheme)) +
               " does not fit the issuer's key");
  }
}

}  // namespace

const Rule kSignatureAlgorithmRule{
    "signature_algorithm", Severity::kError,
    "the signature algorithm is one this program makes and fits the issuer's key", check};

}  // namespace chancery::x509::lint
