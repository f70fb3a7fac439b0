#include "policy/usages.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "policy/refusal.h"
#include "x509/oids.h"

namespace chancery::policy {
namespace {

using x509::KeyUsageBit;
namespace oids = x509::oids;

struct KeyUsageName {
  std::string_view name;
  KeyUsageBit bit;
};

constexpr KeyUsageName kKeyUsages[] = {
    {"digitalsignature", KeyUsageBit::kDigitalSignature},
    {"contentcommitment", KeyUsageBit::kContentCommitment},
    {"keyencipherment", KeyUsageBit::kKeyEncipherment},
    {"dataencipherment", KeyUsageBit::kDataEncipherment},
    {"keyagreement", KeyUsageBit::kKeyAgreement},
    {"certsign", KeyUsageBit::kKeyCertSign},
    {"crlsign", KeyUsageBit::kCrlSign},
    {"encipheronly", KeyUsageBit::kEncipherOnly},
    {"decipheronly", KeyUsageBit::kDecipherOnly},
};

struct ExtendedKeyUsageName {
  std::string_view name;
  asn1::Oid id;
  bool Role::* flag;  // null: only by name
};

constexpr ExtendedKeyUsageName kExtendedKeyUsages[] = {
    {"any", oids::kAnyExtendedKeyUsage, nullptr},
    {"serverauth", oids::kServerAuth, &Role::server_flag},
    {"clientauth", oids::kClientAuth, &Role::client_flag},
    {"codesigning", oids::kCodeSigning, &Role::code_signing_flag},
    {"emailprotection", oids::kEmailProtection, &Role::email_protection_flag},
    {"ipsecendsystem", oids::kIpsecEndSystem, nullptr},
    {"ipsectunnel", oids::kIpsecTunnel, nullptr},
    {"ipsecuser", oids::kIpsecUser, nullptr},
    {"timestamping", oids::kTimeStamping, nullptr},
    {"ocspsigning", oids::kOcspSigning, nullptr},
    {"microsoftservergatedcrypto", oids::kMicrosoftServerGatedCrypto, nullptr},
    {"netscapeservergatedcrypto", oids::kNetscapeServerGatedCrypto, nullptr},
};

const KeyUsageName* find_key_usage(std::string_view text) {
  const auto* const known = std::ranges::find_if(
      kKeyUsages, [&](const KeyUsageName& k) { return equal_ignoring_case(text, k.name); });
  return known == std::end(kKeyUsages) ? nullptr : known;
}

bool lists(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::any_of(
      names, [&](const std::string& listed) { return equal_ignoring_case(trim(listed), name); });
}

}  // namespace

x509::KeyUsage key_usage(const Role& role) {
  x509::KeyUsage usage;
  for (const std::string& listed : role.key_usage) {
    if (const auto* const known = find_key_usage(trim(listed))) usage.add(known->bit);
  }
  return usage;
}

std::string_view unknown_key_usage(const Role& role) {
  const auto unknown = std::ranges::find_if(
      role.key_usage, [](const std::string& t) { return find_key_usage(trim(t)) == nullptr; });
  return unknown == role.key_usage.end() ? std::string_view{} : *unknown;
}

std::string_view unknown_extended_key_usage(const Role& role) {
  for (const std::string& listed : role.ext_key_usage) {
    const bool known =
        std::ranges::any_of(kExtendedKeyUsages, [&](const ExtendedKeyUsageName& usage) {
          return equal_ignoring_case(trim(listed), usage.name);
        });
    if (!known) return listed;
  }
  return {};
}

x509::KeyUsage without_impossible(x509::KeyUsage usage, crypto::KeyAlgorithm algorithm) {
  using enum KeyUsageBit;
  const bool rsa = algorithm == crypto::KeyAlgorithm::kRsa;
  const bool curve = algorithm == crypto::KeyAlgorithm::kEcdsaP256 ||
                     algorithm == crypto::KeyAlgorithm::kEcdsaP384 ||
                     algorithm == crypto::KeyAlgorithm::kEcdsaP521;
  if (!rsa) {
    for (const KeyUsageBit bit : {kKeyEncipherment, kDataEncipherment}) usage.remove(bit);
  }
  if (!curve) {
    for (const KeyUsageBit bit : {kKeyAgreement, kEncipherOnly, kDecipherOnly}) usage.remove(bit);
  }
  return usage;
}

Result<std::vector<asn1::Oid>> extended_key_usage(const Role& role) {
  std::vector<asn1::Oid> usages;
  usages.reserve(4);
  for (const ExtendedKeyUsageName& known : kExtendedKeyUsages) {
    const bool flagged = known.flag != nullptr && role.*known.flag;
    if (flagged || lists(role.ext_key_usage, known.name)) usages.push_back(known.id);
  }
  for (const std::string& text : role.ext_key_usage_oids) {
    const auto oid = asn1::Oid::parse(text);
    if (!oid) {
      return invalid(
          "ext_key_usage_oids", "ext_key_usage_oids",
          {in_quotes(text), " could not be parsed as a valid oid for an extended key usage"});
    }
    if (std::ranges::find(usages, *oid) == usages.end()) usages.push_back(*oid);
  }
  return usages;
}

}  // namespace chancery::policy
