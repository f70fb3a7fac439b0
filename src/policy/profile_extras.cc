#include "policy/profile_extras.h"

#include <algorithm>
#include <optional>

#include "asn1/reader.h"
#include "base/text.h"
#include "policy/refusal.h"
#include "x509/lint/lint.h"
#include "x509/oids.h"

namespace chancery::policy {
namespace {

namespace lint = x509::lint;
namespace oids = x509::oids;

constexpr std::string_view kParse = "parse";  // no rule to choose
constexpr std::size_t kMaxCustomExtensions = 16;
constexpr std::size_t kMaxMappings = 64;
constexpr std::size_t kMaxConstraints = 256;

// What this program writes itself, or what belongs into CRLs: no custom extension.
constexpr asn1::Oid kReserved[] = {oids::kSubjectKeyIdentifier,
                                   oids::kKeyUsage,
                                   oids::kSubjectAltName,
                                   oids::kBasicConstraints,
                                   oids::kCrlNumber,
                                   oids::kReasonCode,
                                   oids::kInvalidityDate,
                                   oids::kDeltaCrlIndicator,
                                   oids::kIssuingDistributionPoint,
                                   oids::kCertificateIssuer,
                                   oids::kNameConstraints,
                                   oids::kCrlDistributionPoints,
                                   oids::kCertificatePolicies,
                                   oids::kPolicyMappings,
                                   oids::kAuthorityKeyIdentifier,
                                   oids::kPolicyConstraints,
                                   oids::kExtendedKeyUsage,
                                   oids::kInhibitAnyPolicy,
                                   oids::kNoRevocationAvailable,
                                   oids::kAuthorityInfoAccess,
                                   oids::kTlsFeature,
                                   oids::kSctList,
                                   oids::kPrecertificatePoison,
                                   oids::kOcspNoCheck};

std::unexpected<Error> bad(std::string_view field, std::string_view text, std::string_view why) {
  return invalid(field, field, {in_quotes(text), " in ", field, ": ", why});
}

struct CustomExtension {
  asn1::Oid id;
  bool critical = false;
  Bytes value;
};

Result<CustomExtension> read_custom(std::string_view text) {
  constexpr std::string_view kField = "custom_extensions";
  const auto parts = split(text, ';');
  const bool critical = parts.size() == 3 && trim(parts[1]) == "critical";
  if (parts.size() != 2 && !critical) {
    return bad(kField, text, "write \"<oid>;<DER in hex>\" or \"<oid>;critical;<DER in hex>\"");
  }
  const auto id = asn1::Oid::parse(trim(parts.front()));
  if (!id) return bad(kField, text, "it begins with no object identifier");
  if (std::ranges::find(kReserved, *id) != std::end(kReserved)) {
    return bad(kField, text, "this extension is written by the program itself, or not at all");
  }
  auto value = parse_hex(trim(parts.back()));
  if (!value) return bad(kField, text, "the value is not hexadecimal");
  asn1::Reader in{BytesView(*value)};
  if (!in.next() || !in.finish()) return bad(kField, text, "the value is not one DER element");
  return CustomExtension{*id, critical, *std::move(value)};
}

Result<void> write_custom(const Profile& profile, asn1::Writer& out) {
  if (profile.custom_extensions.size() > kMaxCustomExtensions) {
    return invalid("custom_extensions", "custom_extensions", {"more than 16 custom extensions"});
  }
  std::vector<asn1::Oid> seen;
  for (const std::string& text : profile.custom_extensions) {
    const CustomExtension custom = TRY(read_custom(text));
    if (std::ranges::find(seen, custom.id) != seen.end()) {
      return bad("custom_extensions", text, "the extension stands twice");
    }
    seen.push_back(custom.id);
    x509::write_extension(out, {custom.id, custom.critical, custom.value});
  }
  return {};
}

Result<std::vector<x509::PolicyMapping>> read_mappings(const Profile& profile) {
  constexpr std::string_view kField = "policy_mappings";
  if (profile.policy_mappings.size() > kMaxMappings) {
    return invalid(kField, kField, {"more than 64 policy mappings"});
  }
  std::vector<x509::PolicyMapping> mappings;
  for (const std::string& text : profile.policy_mappings) {
    const auto sides = split(text, '=');
    if (sides.size() != 2) return bad(kField, text, "write \"<issuer's OID>=<subject's OID>\"");
    const auto issuer = asn1::Oid::parse(trim(sides[0]));
    const auto subject = asn1::Oid::parse(trim(sides[1]));
    if (!issuer || !subject) return bad(kField, text, "these are not two object identifiers");
    if (*issuer == oids::kAnyPolicy || *subject == oids::kAnyPolicy) {
      return bad(kField, text, "anyPolicy cannot be mapped (RFC 5280 section 4.2.1.5)");
    }
    mappings.push_back({*issuer, *subject});
  }
  return mappings;
}

std::optional<std::uint32_t> count(int value) {
  return value < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(value));
}

Result<void> write_ca_policies(const Profile& profile, asn1::Writer& out) {
  const auto mappings = TRY(read_mappings(profile));
  if (!mappings.empty()) x509::write_policy_mappings(out, mappings);
  const x509::PolicyConstraints constraints{count(profile.require_explicit_policy),
                                            count(profile.inhibit_policy_mapping)};
  if (constraints != x509::PolicyConstraints{}) x509::write_policy_constraints(out, constraints);
  if (profile.inhibit_any_policy >= 0) {
    x509::write_inhibit_any_policy(out, *count(profile.inhibit_any_policy));
  }
  return {};
}

// RFC 6960 section 4.2.2.2.1: the extension's value is NULL.
void write_ocsp_no_check(asn1::Writer& out) {
  constexpr std::uint8_t kNull[] = {0x05, 0x00};
  x509::write_extension(out, {oids::kOcspNoCheck, false, kNull});
}

std::optional<lint::Severity> parse_severity(std::string_view text) {
  using enum lint::Severity;
  for (const lint::Severity severity : {kOff, kWarning, kError}) {
    if (text == name(severity)) return severity;
  }
  return std::nullopt;
}

std::unexpected<Error> unknown_rule(std::string_view text, std::string_view id) {
  std::vector<std::string_view> ids;
  for (const lint::RuleInfo& rule : lint::rules()) ids.push_back(rule.id);
  const std::string_view near = nearest(id, ids);
  return bad("lints", text,
             near.empty() ? std::string("there is no such lint")
                          : "there is no such lint; did you mean \"" + std::string(near) + "\"?");
}

// "<rule>=<severity>", where the rule may be a glob.
struct LintChoice {
  std::string_view text;
  std::string_view pattern;
  lint::Severity severity;
  [[nodiscard]] bool is_glob() const { return pattern.contains('*'); }
};

Result<LintChoice> read_choice(std::string_view text) {
  const std::size_t equals = text.find('=');
  const auto severity = equals == std::string_view::npos
                            ? std::nullopt
                            : parse_severity(trim(text.substr(equals + 1)));
  if (!severity) return bad("lints", text, "write \"<rule>=error\", \"=warning\" or \"=off\"");
  return LintChoice{text, trim(text.substr(0, equals)), *severity};
}

// choose adds the settings that one choice makes. What a rule's own name chose, a glob leaves.
Result<void> choose(const LintChoice& choice, std::vector<lint::Setting>& settings) {
  if (choice.pattern == kParse) {
    return bad("lints", choice.text, "what cannot be parsed is never signed");
  }
  bool found = false;
  for (const lint::RuleInfo& rule : lint::rules()) {
    if (rule.id == kParse || !glob_match(choice.pattern, rule.id)) continue;
    found = true;
    const bool set = std::ranges::find(settings, rule.id, &lint::Setting::rule) != settings.end();
    if (set && !choice.is_glob()) return bad("lints", choice.text, "the rule stands twice");
    if (!set) settings.push_back({rule.id, choice.severity});
  }
  if (!found) return unknown_rule(choice.text, choice.pattern);
  return {};
}

Result<std::vector<lint::Setting>> read_lints(const Profile& profile) {
  std::vector<LintChoice> choices;
  for (const std::string& text : profile.lints) choices.push_back(TRY(read_choice(text)));
  std::ranges::stable_partition(choices,
                                [](const LintChoice& choice) { return !choice.is_glob(); });
  std::vector<lint::Setting> settings;
  for (const LintChoice& choice : choices) TRY(choose(choice, settings));
  return settings;
}

Result<std::vector<x509::GeneralName>> read_subtrees(std::string_view field,
                                                     const std::vector<std::string>& texts) {
  if (texts.size() > kMaxConstraints) return invalid(field, field, {"more than 256 ", field});
  std::vector<x509::GeneralName> names;
  for (const std::string& text : texts) {
    auto parsed = x509::GeneralName::parse(text);
    if (!parsed) return bad(field, text, parsed.error().detail);
    const bool address = parsed->kind() == x509::GeneralName::Kind::kIp;
    const std::size_t octets = parsed->octets().size();
    if (address && octets != 8 && octets != 32) {
      return bad(field, text, "a network is needed, such as IP:10.0.0.0/8");
    }
    names.push_back(*std::move(parsed));
  }
  return names;
}

}  // namespace

Result<std::vector<crypto::KeyType>> profile_keys(const Profile& profile) {
  std::vector<crypto::KeyType> keys;
  for (const std::string& text : profile.keys) {
    const auto type = crypto::parse_key_type(text);
    if (!type) return bad("keys", text, type.error().detail);
    if (!crypto::can_sign(type->algorithm)) {
      return bad("keys", text, "such a key cannot sign a request, which proves its possession");
    }
    if (type->algorithm == crypto::KeyAlgorithm::kRsa && type->rsa_bits < 2048) {
      return bad("keys", text, "RSA keys < 2048 bits are unsafe and not supported");
    }
    if (std::ranges::find(keys, *type) == keys.end()) keys.push_back(*type);
  }
  if (keys.empty()) {
    return invalid("keys", "keys", {"name at least one type of key, such as ec-p256"});
  }
  return keys;
}

Result<std::optional<x509::NameConstraints>> name_constraints_of(const Profile& profile) {
  x509::NameConstraints constraints;
  constraints.permitted = TRY(read_subtrees("permitted_names", profile.permitted_names));
  constraints.excluded = TRY(read_subtrees("excluded_names", profile.excluded_names));
  if (constraints == x509::NameConstraints{}) return std::nullopt;
  return constraints;
}

Result<ContentExtras> profile_extras(const Profile& profile) {
  ContentExtras extras;
  asn1::Writer out;
  if (profile.must_staple) {
    constexpr std::uint16_t kFeatures[] = {x509::kTlsStatusRequest};
    x509::write_tls_features(out, kFeatures);
  }
  if (profile.ocsp_no_check) write_ocsp_no_check(out);
  if (profile.no_rev_avail) x509::write_no_revocation_available(out);
  TRY(write_ca_policies(profile, out));
  TRY(write_custom(profile, out));
  extras.extensions = std::move(out).take();
  extras.extended_key_usage_critical = profile.ext_key_usage_critical;
  extras.ocsp_urls = profile.ocsp_urls;
  extras.ca_issuer_urls = profile.ca_issuer_urls;
  extras.crl_urls = profile.crl_urls;
  extras.lints = TRY(read_lints(profile));
  return extras;
}

}  // namespace chancery::policy
