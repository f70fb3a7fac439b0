#include "x509/path/purpose.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "x509/oids.h"

namespace chancery::x509::path {
namespace {

using enum KeyUsageBit;

struct Needs {
  Purpose purpose;
  std::string_view name;
  asn1::Oid usage;
  KeyUsage one_of;      // key usages of which the target needs one, if it has the extension
  bool explicit_usage;  // must be stated by name
};

constexpr std::array kNeeds{
    Needs{Purpose::kServer, "server", oids::kServerAuth,
          KeyUsage{kDigitalSignature, kKeyEncipherment, kKeyAgreement}, false},
    Needs{Purpose::kClient, "client", oids::kClientAuth, KeyUsage{kDigitalSignature, kKeyAgreement},
          false},
    Needs{Purpose::kCodeSigning, "code-signing", oids::kCodeSigning, KeyUsage{kDigitalSignature},
          true},
    Needs{Purpose::kEmail, "email", oids::kEmailProtection,
          KeyUsage{kDigitalSignature, kContentCommitment, kKeyEncipherment, kKeyAgreement}, false},
    Needs{Purpose::kTimeStamping, "timestamping", oids::kTimeStamping,
          KeyUsage{kDigitalSignature, kContentCommitment}, true},
    Needs{Purpose::kOcspSigning, "ocsp", oids::kOcspSigning, KeyUsage{kDigitalSignature}, true},
};

const Needs& needs(Purpose purpose) { return *std::ranges::find(kNeeds, purpose, &Needs::purpose); }

bool lists(const Certificate& certificate, const asn1::Oid& usage) {
  const auto& usages = certificate.extensions().extended_key_usage;
  return usages && std::ranges::find(*usages, usage) != usages->end();
}

std::string usages_of(const Certificate& certificate) {
  const auto& usages = certificate.extensions().extended_key_usage;
  if (!usages) return "it states none";
  std::string text = "it states:";
  for (const asn1::Oid& usage : *usages) {
    const std::string_view known = oids::name(usage);
    text += (text.ends_with(':') ? " " : ", ") +
            (known.empty() ? usage.to_string() : std::string(known));
  }
  return text;
}

void check_target(const Certificate& target, const Needs& need, Findings& findings) {
  const bool stated = lists(target, need.usage);
  const bool implied = !need.explicit_usage && (!target.extensions().extended_key_usage ||
                                                lists(target, oids::kAnyExtendedKeyUsage));
  if (!stated && !implied) {
    findings.error(Rule::kPurposeNotAllowed, 0,
                   "extended key usage does not allow the purpose " + std::string(need.name) +
                       "; " + usages_of(target));
  }
  const auto usage = target.key_usage();
  if (usage && (usage->bits() & need.one_of.bits()) == 0) {
    findings.error(Rule::kPurposeKeyUsage, 0,
                   "key usage (" + to_string(*usage) + ") does not fit the purpose " +
                       std::string(need.name) + ", which needs one of " + to_string(need.one_of));
  }
}

// RFC 3161 section 2.3: the one extended key usage, and critical.
void check_time_stamping(const Certificate& target, Findings& findings) {
  const auto& usages = target.extensions().extended_key_usage;
  if (!usages) return;  // told before
  if (usages->size() != 1) {
    findings.error(
        Rule::kPurposeNotAllowed, 0,
        "a time stamping certificate has other extended key usages as well; " + usages_of(target));
  }
  if (!target.extensions().find(oids::kExtendedKeyUsage)->critical) {
    findings.error(Rule::kPurposeNotCritical, 0,
                   "extended key usage of a time stamping certificate is not critical");
  }
}

}  // namespace

std::string_view name(Purpose purpose) {
  return purpose == Purpose::kAny ? "any" : needs(purpose).name;
}

Result<Purpose> parse_purpose(std::string_view text) {
  if (text == "any") return Purpose::kAny;
  const auto* const found = std::ranges::find(kNeeds, text, &Needs::name);
  if (found != kNeeds.end()) return found->purpose;
  return std::unexpected(Error{
      Code::kInvalidArgument,
      "unknown purpose; known are server, client, code-signing, email, timestamping, ocsp, "
      "any",
      {},
      {}}.with("purpose", printable(text)));
}

void check_purpose(std::span<const Certificate> path, Purpose purpose, Findings& findings) {
  if (purpose == Purpose::kAny) return;
  const Needs& need = needs(purpose);
  const std::size_t before = findings.errors();
  check_target(path.front(), need, findings);
  if (purpose == Purpose::kTimeStamping) check_time_stamping(path.front(), findings);
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (!path[i].extensions().extended_key_usage || lists(path[i], need.usage) ||
        lists(path[i], oids::kAnyExtendedKeyUsage)) {
      continue;
    }
    findings.error(Rule::kPurposeNotAllowedByIssuer, i,
                   "extended key usage of this issuer does not allow the purpose " +
                       std::string(need.name) + "; " + usages_of(path[i]));
  }
  if (findings.errors() == before) {
    findings.info(Rule::kPurpose, 0, [&] {
      return "purpose " + std::string(need.name) + " is allowed; " + usages_of(path.front());
    });
  }
}

}  // namespace chancery::x509::path
