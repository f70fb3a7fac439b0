#include "asn1/oid.h"
#include "asn1/reader.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

enum class Family : std::uint8_t { kRsa, kEc, kSignOnly, kOther };

constexpr asn1::Oid kRsa("1.2.840.113549.1.1.1");
constexpr asn1::Oid kEc("1.2.840.10045.2.1");
constexpr asn1::Oid kEd25519("1.3.101.112");
constexpr asn1::Oid kMlDsa44("2.16.840.1.101.3.4.3.17");
constexpr asn1::Oid kMlDsa65("2.16.840.1.101.3.4.3.18");
constexpr asn1::Oid kMlDsa87("2.16.840.1.101.3.4.3.19");

// By the OID alone: checking the key itself is not this rule's matter, and slow.
Family family_of(BytesView spki) {
  asn1::Reader in(spki);
  auto body = in.enter_sequence();
  if (!body) return Family::kOther;
  auto algorithm = body->enter_sequence();
  if (!algorithm) return Family::kOther;
  const auto id = algorithm->read_oid();
  if (!id) return Family::kOther;
  if (kRsa.is(*id)) return Family::kRsa;
  if (kEc.is(*id)) return Family::kEc;
  const bool signs = kEd25519.is(*id) || kMlDsa44.is(*id) || kMlDsa65.is(*id) || kMlDsa87.is(*id);
  return signs ? Family::kSignOnly : Family::kOther;
}

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
  }
}

}  // namespace

const Rule kKeyUsageKeyRule{"key_usage_key", Severity::kWarning,
                            "the key can do what the key usage says (RFC 3279, 5480, 8410, 9881)",
                            check};

}  // namespace chancery::x509::lint
