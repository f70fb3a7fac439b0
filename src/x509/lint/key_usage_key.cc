#include "crypto/algorithm.h"
#include "x509/lint/rsa_key.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

enum class Family : std::uint8_t { kRsa, kEc, kSignOnly, kAgreeOnly, kEncapsulateOnly, kOther };

// By the algorithm alone: checking the key itself is not this rule's matter, and slow.
Family family_of(BytesView spki) {
  const auto identifier = spki_algorithm(spki);
  if (!identifier) return Family::kOther;
  const auto algorithm = crypto::parse_key_algorithm(*identifier);
  if (!algorithm) return Family::kOther;
  switch (*algorithm) {
    case crypto::KeyAlgorithm::kRsa:
      return Family::kRsa;
    case crypto::KeyAlgorithm::kEcdsaP256:
    case crypto::KeyAlgorithm::kEcdsaP384:
    case crypto::KeyAlgorithm::kEcdsaP521:
      return Family::kEc;
    case crypto::KeyAlgorithm::kX25519:
    case crypto::KeyAlgorithm::kX448:
      return Family::kAgreeOnly;
    case crypto::KeyAlgorithm::kMlKem512:
    case crypto::KeyAlgorithm::kMlKem768:
    case crypto::KeyAlgorithm::kMlKem1024:
      return Family::kEncapsulateOnly;
    default:
      return Family::kSignOnly;
  }
}

constexpr KeyUsageBit kSigningUsages[] = {KeyUsageBit::kDigitalSignature,
                                          KeyUsageBit::kContentCommitment,
                                          KeyUsageBit::kKeyCertSign, KeyUsageBit::kCrlSign};

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.key_usage) return;
  const KeyUsage usage = *tbs.extensions.key_usage;
  const Family family = family_of(tbs.spki);
  const auto warn = [&](KeyUsageBit bit, std::string_view keys) {
    if (usage.has(bit))
      report.add("key usage " + std::string(name(bit)) + " means nothing for " + std::string(keys));
  };
  if (family == Family::kEc) {
    warn(KeyUsageBit::kKeyEncipherment, "EC keys");
    warn(KeyUsageBit::kDataEncipherment, "EC keys");
  } else if (family == Family::kSignOnly) {
    warn(KeyUsageBit::kKeyEncipherment, "keys that only sign");
    warn(KeyUsageBit::kDataEncipherment, "keys that only sign");
    warn(KeyUsageBit::kKeyAgreement, "keys that only sign");
  } else if (family == Family::kRsa) {
    warn(KeyUsageBit::kKeyAgreement, "RSA keys");
  } else if (family == Family::kAgreeOnly) {
    for (const KeyUsageBit bit : kSigningUsages) warn(bit, "keys that only agree on secrets");
    warn(KeyUsageBit::kKeyEncipherment, "keys that only agree on secrets");
    warn(KeyUsageBit::kDataEncipherment, "keys that only agree on secrets");
  } else if (family == Family::kEncapsulateOnly) {
    for (const KeyUsageBit bit : kSigningUsages) warn(bit, "keys that only encapsulate secrets");
    warn(KeyUsageBit::kDataEncipherment, "keys that only encapsulate secrets");
    warn(KeyUsageBit::kKeyAgreement, "keys that only encapsulate secrets");
  }
}

}  // namespace

const Rule kKeyUsageKeyRule{"key_usage_key", Severity::kWarning,
                            "the key can do what the key usage says (RFC 3279, 5480, 8410,"
                            " 9881, 9909, 9935)",
                            check};

}  // namespace chancery::x509::lint
