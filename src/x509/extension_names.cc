#include <algorithm>

#include "base/text.h"
#include "x509/extensions.h"

// Names of key usages and revocation reasons.
namespace chancery::x509 {
namespace {

constexpr std::string_view kUsageNames[] = {
    "digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign",      "cRLSign",           "encipherOnly",    "decipherOnly"};

constexpr std::string_view kReasonNames[] = {
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", "",
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};

}  // namespace

std::string_view name(KeyUsageBit bit) { return kUsageNames[static_cast<std::size_t>(bit)]; }

std::optional<KeyUsageBit> key_usage_bit(std::string_view name) {
  if (equal_ignoring_case(name, "nonRepudiation")) return KeyUsageBit::kContentCommitment;
  if (equal_ignoring_case(name, "certSign")) return KeyUsageBit::kKeyCertSign;
  for (std::size_t i = 0; i < std::size(kUsageNames); ++i) {
    if (equal_ignoring_case(kUsageNames[i], name)) return static_cast<KeyUsageBit>(i);
  }
  return std::nullopt;
}

std::string to_string(KeyUsage usage) {
  std::string out;
  for (std::size_t i = 0; i < std::size(kUsageNames); ++i) {
    if (!usage.has(static_cast<KeyUsageBit>(i))) continue;
    if (!out.empty()) out += ", ";
    out += kUsageNames[i];
  }
  return out;
}

std::string_view name(ReasonCode reason) { return kReasonNames[static_cast<std::size_t>(reason)]; }

std::optional<ReasonCode> reason_code(std::string_view name) {
  std::string plain(name);
  std::erase_if(plain, [](char c) { return c == '_' || c == '-'; });
  if (plain.empty()) return std::nullopt;
  for (std::size_t i = 0; i < std::size(kReasonNames); ++i) {
    if (equal_ignoring_case(kReasonNames[i], plain)) return static_cast<ReasonCode>(i);
  }
  return std::nullopt;
}

std::optional<ReasonCode> reason_code_from_int(std::int64_t value) {
  if (value < 0 || value > 10 || value == 7) return std::nullopt;
  return static_cast<ReasonCode>(value);
}

}  // namespace chancery::x509
