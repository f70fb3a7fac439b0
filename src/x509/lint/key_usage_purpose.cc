#include <algorithm>
#include <span>

#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

using enum KeyUsageBit;

constexpr KeyUsageBit kServer[] = {kDigitalSignature, kKeyEncipherment, kKeyAgreement};
constexpr KeyUsageBit kClient[] = {kDigitalSignature, kKeyAgreement};
constexpr KeyUsageBit kSigner[] = {kDigitalSignature, kContentCommitment};
constexpr KeyUsageBit kCode[] = {kDigitalSignature};
constexpr KeyUsageBit kMail[] = {kDigitalSignature, kContentCommitment, kKeyEncipherment,
                                 kKeyAgreement};

struct Purpose {
  asn1::Oid id;
  std::string_view name;
  std::span<const KeyUsageBit> bits;  // one of which is needed
};
constexpr Purpose kPurposes[] = {
    {oids::kServerAuth, "serverAuth", kServer},
    {oids::kClientAuth, "clientAuth", kClient},
    {oids::kCodeSigning, "codeSigning", kCode},
    {oids::kEmailProtection, "emailProtection", kMail},
    {oids::kTimeStamping, "timeStamping", kSigner},
    {oids::kOcspSigning, "OCSPSigning", kSigner},
};

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const auto& usage = tbs.extensions.key_usage;
  if (!usage || usage->empty() || !tbs.extensions.extended_key_usage || is_ca(tbs)) return;
  for (const Purpose& purpose : kPurposes) {
    if (!has_purpose(tbs, purpose.id)) continue;
    const bool one =
        std::ranges::any_of(purpose.bits, [&](KeyUsageBit bit) { return usage->has(bit); });
    if (one) continue;
    report.add("no key usage serves the purpose " + std::string(purpose.name));
  }
}

}  // namespace

const Rule kKeyUsagePurposeRule{
    "key_usage_purpose", Severity::kWarning,
    "the key usage allows what the extended key usage names (RFC 5280 section 4.2.1.12)", check};

}  // namespace chancery::x509::lint
