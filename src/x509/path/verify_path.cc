#include "x509/path/verify_path.h"

#include <string>

#include "x509/path/certificate_checks.h"
#include "x509/path/host.h"
#include "x509/path/name_constraints.h"

namespace chancery::x509::path {
namespace {

void check_end(std::span<const Certificate> path, PathEnd end, Findings& findings) {
  const Certificate& last = path.back();
  const std::size_t index = path.size() - 1;
  if (end == PathEnd::kAnchor) {
    findings.info(Rule::kTrustAnchor, index, [] { return "is a trust anchor"; });
  } else if (last.is_self_issued()) {
    findings.error(Rule::kNotTrusted, index, "is self-issued and not among the trust anchors");
  } else {
    findings.error(Rule::kIssuerUnknown, index,
                   "no certificate of its issuer is known: " + last.issuer().to_string());
  }
}

// A key that this program has no use for is no fault of the path, unless it is a weak one.
void check_target_key(const Certificate& target, SignatureChecks& signatures, Findings& findings) {
  const auto& key = signatures.key(target);
  if (key) return;
  if (key.error().rule == Rule::kKeyWeak) {
    findings.error(Rule::kKeyWeak, 0, key.error().message);
  } else {
    findings.warning(Rule::kKeyUnsupported, 0, key.error().message);
  }
}

void check_signature(std::span<const Certificate> path, std::size_t index,
                     SignatureChecks& signatures, Findings& findings) {
  const Certificate& child = path[index];
  const Certificate& issuer = path[index + 1];
  if (!matches(child.issuer(), issuer.subject())) {
    findings.error(
        Rule::kIssuerNameMismatch, index,
        "issuer name differs from the subject of certificate " + std::to_string(index + 1));
  }
  if (!authority_key_id_fits(child, issuer)) {
    findings.warning(
        Rule::kAuthorityKeyIdMismatch, index,
        "authority key identifier does not point to certificate " + std::to_string(index + 1));
  }
  if (const auto& fault = signatures.check(child, issuer)) {
    return findings.error(fault->rule, fault->of_issuer ? index + 1 : index, fault->message);
  }
  findings.info(Rule::kSignature, index, [&] {
    return "signature verifies with the key of certificate " + std::to_string(index + 1);
  });
}

// Section 6.1.4 (l) and (m): intermediates between an issuer and the target, those that are
// self-issued not counted.
void check_path_lengths(std::span<const Certificate> path, Findings& findings) {
  std::size_t below = 0;
  for (std::size_t i = 1; i < path.size(); ++i) {
    const auto& constraints = path[i].extensions().basic_constraints;
    if (constraints && constraints->path_length && *constraints->path_length < below) {
      findings.error(Rule::kPathLengthExceeded, i,
                     "allows " + std::to_string(*constraints->path_length) +
                         " intermediates below it, and there are " + std::to_string(below));
    }
    if (i + 1 < path.size() && !path[i].is_self_issued()) ++below;
  }
}

void check_budget(const Budget& budget, Findings& findings) {
  if (const auto rule = budget.exhausted()) {
    findings.error(*rule, std::nullopt, "validation was given up: a budget is used up");
  }
}

}  // namespace

std::vector<asn1::Oid> verify_path(std::span<const Certificate> path, PathEnd end,
                                   const Options& options, SignatureChecks& signatures,
                                   Findings& findings) {
  const std::size_t before = findings.errors();
  check_end(path, end, findings);
  check_target_key(path.front(), signatures, findings);
  for (std::size_t i = 0; i < path.size(); ++i) {
    check_certificate(path[i], i, options.time, findings);
    if (i > 0) check_issuer(path[i], i, end == PathEnd::kAnchor && i + 1 == path.size(), findings);
    if (i + 1 < path.size()) check_signature(path, i, signatures, findings);
  }
  check_path_lengths(path, findings);
  check_purpose(path, options.purpose, findings);
  if (options.host) check_host(path.front(), *options.host, findings);
  check_name_constraints(path, signatures.budget(), findings);
  std::vector<asn1::Oid> policies = check_policies(path, options.policies, findings);
  // Status information is only as good as the path that it hangs on.
  if (findings.errors() == before)
    check_revocation(path, options.revocation, options.time, signatures, findings);
  check_budget(signatures.budget(), findings);
  return policies;
}

}  // namespace chancery::x509::path
