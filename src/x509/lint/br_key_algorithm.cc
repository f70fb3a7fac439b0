#include <algorithm>
#include <iterator>

#include "crypto/algorithm.h"
#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto identifier = spki_algorithm(tbs.spki);
  const auto algorithm = identifier ? crypto::parse_key_algorithm(*identifier)
                                    : Result<crypto::KeyAlgorithm>(crypto::KeyAlgorithm::kX448);
  using enum crypto::KeyAlgorithm;
  constexpr crypto::KeyAlgorithm kAllowed[] = {kRsa, kEcdsaP256, kEcdsaP384, kEcdsaP521};
  if (!algorithm || std::ranges::find(kAllowed, *algorithm) == std::end(kAllowed)) {
    report.add("the subject's key is neither RSA nor of an allowed curve");
  }
}

}  // namespace

const Rule kBrKeyAlgorithmRule{
    "br_key_algorithm", Severity::kOff,
    "the subject's key is RSA or of the curves P-256, P-384 and P-521 (BR section 6.1.5)", check};

}  // namespace chancery::x509::lint
