#include "x509/lint/lint.h"

#include <algorithm>
#include <array>

#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

constexpr std::array kRules{
    &kVersion3Rule,
    &kSerialLengthRule,
    &kValidityOrderRule,
    &kValidityWithinIssuerRule,
    &kValidityEncodingRule,
    &kEmptySubjectRule,
    &kSanDnsSyntaxRule,
    &kSanDnsUnderscoreRule,
    &kSanDnsPartialWildcardRule,
    &kSanDnsIpAddressRule,
    &kSanEmailSyntaxRule,
    &kSanUriSchemeRule,
    &kSanServerPresentRule,
    &kCaKeyCertSignRule,
    &kCaPathLengthRule,
    &kCaBasicConstraintsCriticalRule,
    &kCaSubjectKeyIdRule,
    &kAuthorityKeyIdRule,
    &kEkuAnyRule,
    &kKeyUsageEmptyRule,
    &kKeyUsageCriticalRule,
    &kKeyUsageKeyRule,
    &kNameConstraintsCaRule,
    &kSignatureAlgorithmRule,
    &kAiaNotCriticalRule,
    &kAuthorityKeyIdNotCriticalRule,
    &kSubjectKeyIdNotCriticalRule,
    &kCrlPointsNotCriticalRule,
    &kFreshestCrlNotCriticalRule,
    &kIssuerAltNameNotCriticalRule,
    &kSubjectInfoAccessNotCriticalRule,
    &kSubjectDirectoryNotCriticalRule,
    &kPolicyConstraintsCriticalRule,
    &kPolicyMappingsCriticalRule,
    &kInhibitAnyPolicyCriticalRule,
    &kEkuAnyNotCriticalRule,
    &kUniqueIdentifiersRule,
    &kCrlPointIncompleteRule,
    &kCrlPointUriRule,
    &kAiaIssuerUriRule,
    &kPolicyDuplicateRule,
    &kPolicyNoticeLengthRule,
    &kPolicyNoticeControlRule,
    &kPolicyMappingAnyRule,
    &kPolicyMappingAssertedRule,
    &kSanEmptyNameRule,
    &kSanDuplicateRule,
    &kSanUriHostRule,
    &kSanDnsALabelRule,
    &kSanDnsReservedLabelRule,
    &kIssuerEmptyRule,
    &kKeyUsagePurposeRule,
    &kNameConstraintsFormsRule,
    &kNameCountryPrintableRule,
    &kSubjectSerialPrintableRule,
    &kSubjectLengthsRule,
    &kSubjectControlRule,
    &kSubjectWhiteSpaceRule,
    &kSubjectMultiValuedRule,
    &kSubjectCountryUpperRule,
    &kRsaParametersRule,
    &kRsaSizeRule,
    &kRsaSizeOctetsRule,
    &kRsaModulusOddRule,
    &kRsaModulusFactorsRule,
    &kRsaExponentRule,
    &kRsaExponentRangeRule,
    &kKeyAlgorithmRule,
    &kAuthorityKeyIdIssuerRule,
    &kSubjectKeyIdPresentRule,
    &kPrecertificateSctsRule,
    &kCaCrlSignRule,
    &kBrAiaHttpRule,
    &kBrAiaMethodsRule,
    &kBrAiaUniqueRule,
    &kBrAiaPresentRule,
    &kBrCaCommonNameRule,
    &kBrCaCountryRule,
    &kBrCaOrganizationRule,
    &kBrCaNoUnitRule,
    &kBrRootPathLengthRule,
    &kBrRootPoliciesRule,
    &kBrRootPurposesRule,
    &kBrSubCaPoliciesRule,
    &kBrSubCaCrlPointsRule,
    &kBrCrlPointHttpRule,
    &kBrCrlPointPlainRule,
    &kBrRevocationPointerRule,
    &kBrSubjectDuplicateRule,
    &kBrCpsUriRule,
    &kBrPolicyNoticeRule,
    &kBrValidityRule,
    &kBrPurposesPresentRule,
    &kBrPurposesNotCriticalRule,
    &kBrPurposesExtraRule,
    &kBrSanKindsRule,
    &kBrSanNotCriticalRule,
    &kBrSanReservedIpRule,
    &kBrOcspNoCheckRule,
    &kBrNoUnitRule,
    &kBrPoliciesPresentRule,
    &kBrPoliciesNotCriticalRule,
    &kBrLeafConstraintsCriticalRule,
    &kBrLeafCrlSignRule,
    &kBrCommonNameRule,
    &kBrCommonNameInSanRule,
    &kBrSubjectPlaceholderRule,
    &kBrDvSubjectRule,
    &kBrOvSubjectRule,
    &kBrKeyAlgorithmRule,
};

Severity severity_of(const Rule& rule, const LintContext& context) {
  const auto set = std::ranges::find(context.settings, rule.id, &Setting::rule);
  return set == context.settings.end() ? rule.severity : set->severity;
}

std::vector<RuleInfo> list_rules() {
  std::vector<RuleInfo> out{
      {"parse", Severity::kError, "the bytes are a TBSCertificate in strict DER"}};
  for (const Rule* const rule : kRules) out.push_back({rule->id, rule->severity, rule->wants});
  return out;
}

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::kOff:
      return "off";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

std::vector<Finding> lint_tbs(const TbsCertificate& tbs, const LintContext& context) {
  std::vector<Finding> findings;
  for (const Rule* const rule : kRules) {
    const Severity severity = severity_of(*rule, context);
    if (severity == Severity::kOff) continue;
    Report report(findings, rule->id, severity);
    rule->check(tbs, context, report);
  }
  return findings;
}

std::vector<Finding> lint_tbs(BytesView tbs_der, const LintContext& context) {
  const auto tbs = TbsCertificate::parse(tbs_der);
  if (!tbs) return {{Severity::kError, "parse", tbs.error().to_string()}};
  return lint_tbs(*tbs, context);
}

std::vector<Finding> lint_certificate(const Certificate& certificate, const LintContext& context) {
  return lint_tbs(certificate.tbs(), context);
}

bool has_errors(const std::vector<Finding>& findings) {
  return std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::kError; });
}

const std::vector<RuleInfo>& rules() {
  static const std::vector<RuleInfo> kList = list_rules();
  return kList;
}

}  // namespace chancery::x509::lint
