#include "crypto/algorithm.h"
#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto identifier = spki_algorithm(tbs.spki);
  if (!identifier) return report.add("the subject's key has no algorithm");
  const auto algorithm = crypto::parse_key_algorithm(*identifier);
  if (!algorithm) report.add("subject's key: " + algorithm.error().detail);
}

}  // namespace

const Rule kKeyAlgorithmRule{
    "key_algorithm", Severity::kError,
    "the subject's key is of a kind this program knows, without parameters it does not", check};

}  // namespace chancery::x509::lint
