#include "x509/path/certificate_checks.h"

#include <algorithm>
#include <array>
#include <string>

#include "x509/oids.h"

namespace chancery::x509::path {
namespace {

// Extensions that this folder processes. Others, known or not, must not be critical: those that RFC
// 5280 wants non-critical (key identifiers, access information, ...) are refused as well.
constexpr std::array kKnownExtensions{
    oids::kKeyUsage,         oids::kExtendedKeyUsage,
    oids::kBasicConstraints, oids::kSubjectAltName,
    oids::kNameConstraints,  oids::kCertificatePolicies,
    oids::kPolicyMappings,   oids::kPolicyConstraints,
    oids::kInhibitAnyPolicy, oids::kCrlDistributionPoints,
};

void check_critical_extensions(const Certificate& certificate, std::size_t index,
                               Findings& findings) {
  for (const Extension& extension : certificate.extensions().all) {
    if (!extension.critical ||
        std::ranges::find(kKnownExtensions, extension.id) != kKnownExtensions.end()) {
      continue;
    }
    const std::string_view known = oids::name(extension.id);
    findings.error(Rule::kCriticalExtensionUnknown, index,
                   "critical extension is not understood here: " + extension.id.to_string() +
                       (known.empty() ? "" : " (" + std::string(known) + ")"));
  }
}

void check_validity(const Certificate& certificate, std::size_t index, TimePoint time,
                    Findings& findings) {
  if (time < certificate.not_before()) {
    findings.error(
        Rule::kNotYetValid, index,
        "not valid before " + rfc3339(certificate.not_before()) + "; checked for " + rfc3339(time));
  } else if (time > certificate.not_after()) {
    findings.error(
        Rule::kExpired, index,
        "expired on " + rfc3339(certificate.not_after()) + "; checked for " + rfc3339(time));
  } else {
    findings.info(Rule::kValidity, index, [&] {
      return "valid from " + rfc3339(certificate.not_before()) + " to " +
             rfc3339(certificate.not_after());
    });
  }
}

}  // namespace

void check_certificate(const Certificate& certificate, std::size_t index, TimePoint time,
                       Findings& findings) {
  check_validity(certificate, index, time, findings);
  check_critical_extensions(certificate, index, findings);
}

void check_issuer(const Certificate& issuer, std::size_t index, bool is_anchor,
                  Findings& findings) {
  const std::size_t before = findings.errors();
  const ExtensionSet& extensions = issuer.extensions();
  if (issuer.version() != 3) {
    if (!is_anchor) {
      findings.error(Rule::kVersion, index,
                     "an issuer of version " + std::to_string(issuer.version()) +
                         " cannot say that it is a certification authority");
    }
  } else if (!issuer.is_ca()) {
    findings.error(Rule::kNotACa, index,
                   extensions.basic_constraints
                       ? "basic constraints say that it is no certification authority"
                       : "it has no basic constraints, so it is no certification authority");
  } else if (!extensions.find(oids::kBasicConstraints)->critical) {
    findings.warning(Rule::kBasicConstraintsNotCritical, index,
                     "basic constraints of a certification authority are not critical");
  }
  const auto usage = issuer.key_usage();
  if (usage && !usage->has(KeyUsageBit::kKeyCertSign)) {
    findings.error(Rule::kKeyCertSignMissing, index,
                   "key usage (" + to_string(*usage) + ") does not allow signing certificates");
  }
  if (findings.errors() == before) {
    findings.info(Rule::kIssuer, index, [] { return "may sign certificates"; });
  }
}

bool authority_key_id_fits(const Certificate& child, const Certificate& issuer) {
  const auto& pointer = child.extensions().authority_key_id;
  if (!pointer) return true;
  if (pointer->key_id && issuer.subject_key_id() &&
      !equal(*pointer->key_id, *issuer.subject_key_id())) {
    return false;
  }
  return !pointer->serial || equal(*pointer->serial, issuer.serial());
}

}  // namespace chancery::x509::path
