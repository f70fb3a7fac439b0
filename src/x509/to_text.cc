#include "x509/to_text.h"

#include "base/text.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

// Appends "label: value" lines with the values in one column.
class Lines {
 public:
  void add(std::string_view label, std::string_view value) {
    constexpr std::size_t kColumn = 22;
    std::string line = std::string(label) + ":";
    line.resize(std::max(kColumn, line.size() + 1), ' ');
    text_ += line + printable(value, 4096) + "\n";
  }
  void add_list(std::string_view label, const std::vector<std::string>& values) {
    if (!values.empty()) add(label, join(values, ", "));
  }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

std::string algorithm_text(BytesView identifier) {
  if (const auto scheme = crypto::parse_algorithm_identifier(identifier))
    return std::string(crypto::name(*scheme));
  asn1::Reader in(identifier);
  auto body = in.enter_sequence();
  if (!body) return "unreadable";
  const auto id = body->read_oid();
  if (!id) return "unreadable";
  const auto oid = asn1::Oid::from_der(*id);
  return oid ? oid->to_string() + " (not supported)" : "unreadable";
}

std::string key_text(BytesView spki) {
  const auto key = crypto::PublicKey::from_spki(spki);
  if (key) return crypto::to_string(key->type());
  return "not usable: " + key.error().detail;
}

std::string oid_text(const asn1::Oid& oid) {
  const std::string_view known = oids::name(oid);
  return known.empty() ? oid.to_string() : std::string(known);
}

std::string name_text(const Name& name) { return name.empty() ? "(empty)" : name.to_string(); }

std::vector<std::string> texts(const std::vector<GeneralName>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const GeneralName& name : names) out.push_back(name.to_string());
  return out;
}

std::string constraints_text(const BasicConstraints& constraints) {
  if (!constraints.ca) return "not a CA";
  if (!constraints.path_length) return "CA, any number of CAs below";
  return "CA, at most " + std::to_string(*constraints.path_length) + " CAs below";
}

void add_usages(Lines& lines, const ExtensionSet& set) {
  if (set.basic_constraints)
    lines.add("Basic constraints", constraints_text(*set.basic_constraints));
  if (set.key_usage) lines.add("Key usage", to_string(*set.key_usage));
  if (set.extended_key_usage) {
    std::vector<std::string> purposes;
    for (const asn1::Oid& purpose : *set.extended_key_usage) purposes.push_back(oid_text(purpose));
    lines.add_list("Extended key usage", purposes);
  }
  if (set.subject_alt_name) lines.add_list("Alternative names", texts(*set.subject_alt_name));
  if (set.name_constraints) {
    lines.add_list("Permitted names", texts(set.name_constraints->permitted));
    lines.add_list("Excluded names", texts(set.name_constraints->excluded));
  }
}

void add_pointers(Lines& lines, const ExtensionSet& set) {
  if (set.subject_key_id) lines.add("Subject key id", hex(*set.subject_key_id, ':'));
  if (set.authority_key_id && set.authority_key_id->key_id) {
    lines.add("Authority key id", hex(*set.authority_key_id->key_id, ':'));
  }
  if (set.authority_info_access) {
    for (const AccessDescription& access : *set.authority_info_access) {
      lines.add(oid_text(access.method), access.location.to_string());
    }
  }
  if (set.crl_distribution_points) {
    for (const DistributionPoint& point : *set.crl_distribution_points)
      lines.add_list("CRL", texts(point.full_name));
  }
  if (set.certificate_policies) {
    std::vector<std::string> policies;
    for (const PolicyInformation& policy : *set.certificate_policies)
      policies.push_back(oid_text(policy.id));
    lines.add_list("Policies", policies);
  }
}

void add_rules(Lines& lines, const ExtensionSet& set) {
  const auto skip = [](std::uint32_t count) { return "after " + std::to_string(count) + " more"; };
  if (set.policy_mappings) {
    std::vector<std::string> mappings;
    for (const PolicyMapping& mapping : *set.policy_mappings)
      mappings.push_back(oid_text(mapping.issuer) + " = " + oid_text(mapping.subject));
    lines.add_list("Policy mappings", mappings);
  }
  if (set.policy_constraints) {
    const auto& [explicit_policy, no_mapping] = *set.policy_constraints;
    if (explicit_policy) lines.add("Policy needed", skip(*explicit_policy));
    if (no_mapping) lines.add("No policy mapping", skip(*no_mapping));
  }
  if (set.inhibit_any_policy) lines.add("No anyPolicy", skip(*set.inhibit_any_policy));
  if (set.tls_features) {
    std::vector<std::string> features;
    for (const std::uint16_t feature : *set.tls_features) {
      features.push_back(feature == kTlsStatusRequest ? "must staple" : std::to_string(feature));
    }
    lines.add_list("TLS features", features);
  }
  if (set.no_revocation_available) lines.add("Revocation", "no information will be published");
}

std::string scope_text(const CrlScope& scope) {
  std::vector<std::string> parts;
  if (scope.only_contains_user_certs) parts.emplace_back("end-entity certificates only");
  if (scope.only_contains_ca_certs) parts.emplace_back("CA certificates only");
  if (scope.only_contains_attribute_certs) parts.emplace_back("attribute certificates only");
  if (scope.only_some_reasons) parts.emplace_back("some reasons only");
  if (scope.indirect_crl) parts.emplace_back("of several issuers");
  for (const GeneralName& name : scope.full_name) parts.push_back(name.to_string());
  return join(parts, ", ");
}

bool is_shown(const asn1::Oid& id) {
  return id == oids::kPolicyMappings || id == oids::kPolicyConstraints ||
         id == oids::kInhibitAnyPolicy || id == oids::kTlsFeature ||
         id == oids::kNoRevocationAvailable || id == oids::kKeyUsage ||
         id == oids::kExtendedKeyUsage || id == oids::kBasicConstraints ||
         id == oids::kSubjectKeyIdentifier || id == oids::kAuthorityKeyIdentifier ||
         id == oids::kSubjectAltName || id == oids::kAuthorityInfoAccess ||
         id == oids::kCrlDistributionPoints || id == oids::kCertificatePolicies ||
         id == oids::kNameConstraints;
}

void add_other_extensions(Lines& lines, const std::vector<Extension>& all) {
  std::vector<std::string> others;
  for (const Extension& extension : all) {
    if (!is_shown(extension.id))
      others.push_back(oid_text(extension.id) + (extension.critical ? " (critical)" : ""));
  }
  lines.add_list("Other extensions", others);
}

std::string entry_text(const CrlEntry& entry) {
  std::string text = rfc3339(entry.revoked_at);
  if (entry.reason) text += ", " + std::string(name(*entry.reason));
  if (entry.invalid_since) text += ", invalid since " + rfc3339(*entry.invalid_since);
  return text;
}

}  // namespace

std::string to_text(const Certificate& certificate) {
  Lines lines;
  lines.add("Subject", name_text(certificate.subject()));
  lines.add("Issuer", name_text(certificate.issuer()));
  lines.add("Serial", hex(certificate.serial(), ':'));
  lines.add("Valid from", rfc3339(certificate.not_before()));
  lines.add("Valid until", rfc3339(certificate.not_after()));
  lines.add("Key", key_text(certificate.spki()));
  lines.add("Signature", algorithm_text(certificate.signature_algorithm()));
  if (certificate.version() != 3) lines.add("Version", std::to_string(certificate.version()));
  add_usages(lines, certificate.extensions());
  add_pointers(lines, certificate.extensions());
  add_rules(lines, certificate.extensions());
  add_other_extensions(lines, certificate.extensions().all);
  lines.add("SHA-256 fingerprint", hex(certificate.fingerprint_sha256(), ':'));
  return std::move(lines).take();
}

std::string to_text(const CertificationRequest& request) {
  Lines lines;
  lines.add("Subject", name_text(request.subject()));
  lines.add("Key", crypto::to_string(request.public_key().type()));
  lines.add("Signature", algorithm_text(request.signature_algorithm()) +
                             (request.verify_signature() ? " (verifies)" : " (DOES NOT VERIFY)"));
  add_usages(lines, request.extensions());
  add_rules(lines, request.extensions());
  add_other_extensions(lines, request.extensions().all);
  if (request.challenge_password()) lines.add("Challenge password", "present");
  return std::move(lines).take();
}

std::string to_text(const CertificateList& crl, std::size_t max_entries) {
  Lines lines;
  lines.add("Issuer", name_text(crl.issuer()));
  if (crl.number()) lines.add("Number", hex(*crl.number()));
  lines.add("This update", rfc3339(crl.this_update()));
  lines.add("Next update", crl.next_update() ? rfc3339(*crl.next_update()) : "not announced");
  if (crl.is_delta()) lines.add("Kind", "delta CRL");
  if (crl.scope()) lines.add("Scope", scope_text(*crl.scope()));
  lines.add("Signature", algorithm_text(crl.signature_algorithm()));
  if (crl.authority_key_id()) lines.add("Authority key id", hex(*crl.authority_key_id(), ':'));
  lines.add("Revoked", std::to_string(crl.entry_count()));
  std::size_t shown = 0;
  for (const CrlEntry& entry : crl.entries()) {
    if (shown++ == max_entries) {
      lines.add("...", std::to_string(crl.entry_count() - max_entries) + " more");
      break;
    }
    lines.add("  " + hex(entry.serial, ':'), entry_text(entry));
  }
  return std::move(lines).take();
}

}  // namespace chancery::x509
