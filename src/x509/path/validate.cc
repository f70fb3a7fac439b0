#include "x509/path/validate.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "x509/path/certificate_checks.h"

namespace chancery::x509::path {
namespace {

// What the second search may cost: enough to explain ordinary chains.
constexpr std::size_t kExplainIterations = 64;
constexpr std::size_t kExplainSignatureChecks = 16;

// kStrict finds a valid path, kExplain the most telling invalid one.
enum class Pass : std::uint8_t { kStrict, kExplain };

struct Candidate {
  Certificate certificate;
  bool is_anchor = false;
};

bool is_valid_at(const Certificate& certificate, TimePoint time) {
  return certificate.not_before() <= time && time <= certificate.not_after();
}

// Smaller is likelier.
auto rank(const Candidate& candidate, const Certificate& child, TimePoint time) {
  const Certificate& certificate = candidate.certificate;
  return std::tuple(!candidate.is_anchor, !authority_key_id_fits(child, certificate),
                    !is_valid_at(certificate, time),
                    certificate.is_self_issued() == !candidate.is_anchor,
                    -to_unix(certificate.not_after()));
}

class Search {
 public:
  Search(const TrustStore& trust, std::span<const CertificateSource* const> sources,
         const Options& options, const Limits& limits, Pass pass)
      : trust_(trust),
        sources_(sources),
        options_(options),
        budget_(limits),
        signatures_(budget_),
        pass_(pass) {}

  // True when `report` has a valid path.
  bool run(const Certificate& target, Report& report) {
    path_.push_back(target);
    const bool found = extend(report);
    report.iterations += budget_.iterations();
    report.signature_checks += budget_.signature_checks();
    return found;
  }

  // What ended the search before all paths were tried.
  [[nodiscard]] std::optional<Rule> cut_short() const {
    if (budget_.exhausted()) return budget_.exhausted();
    return too_long_ ? std::optional(Rule::kPathTooLong) : std::nullopt;
  }

 private:
  bool extend(Report& report) {
    const bool trusted = trust_.contains(path_.back());
    if (trusted && finish(PathEnd::kAnchor, report)) return true;
    bool dead_end = true;
    for (const Candidate& candidate : issuers_of(path_.back())) {
      if (budget_.exhausted()) return false;
      if (comes_twice(candidate.certificate)) continue;
      dead_end = false;
      if (try_issuer(candidate, report)) return true;
    }
    if (dead_end && !trusted && pass_ == Pass::kExplain && !budget_.exhausted())
      (void)finish(PathEnd::kIncomplete, report);
    return false;
  }

  bool try_issuer(const Candidate& candidate, Report& report) {
    if (path_.size() == options_.limits.depth) {
      too_long_ = true;
      return false;
    }
    path_.push_back(candidate.certificate);
    const bool found = (pass_ == Pass::kExplain || may_help(candidate, report)) && extend(report);
    path_.pop_back();
    return found;
  }

  // Empty when there are none, or more than the budget allows to look at.
  std::vector<Candidate> issuers_of(const Certificate& child) {
    std::vector<Certificate> found;
    trust_.source().find_issuers(child, found);
    for (const CertificateSource* source : sources_) source->find_issuers(child, found);
    std::vector<Candidate> out;
    if (!budget_.spend_iterations(found.size())) return out;
    out.reserve(found.size());
    for (Certificate& certificate : found) {
      const bool is_anchor = trust_.contains(certificate);
      out.push_back({std::move(certificate), is_anchor});
    }
    std::ranges::stable_sort(
        out, {}, [&](const Candidate& candidate) { return rank(candidate, child, options_.time); });
    return out;
  }

  bool comes_twice(const Certificate& certificate) const {
    return std::ranges::any_of(path_, [&](const Certificate& in_path) {
      return equal(in_path.spki(), certificate.spki()) &&
             matches(in_path.subject(), certificate.subject());
    });
  }

  // No path through a candidate that fails these can be valid. It is the last one in `path_`.
  bool may_help(const Candidate& candidate, Report& report) {
    const std::size_t index = path_.size() - 1;
    Findings findings;
    check_certificate(candidate.certificate, index, options_.time, findings);
    check_issuer(candidate.certificate, index, candidate.is_anchor, findings);
    if (findings.errors() == 0) {
      const auto& fault = signatures_.check(path_[index - 1], path_[index]);
      if (!fault) return true;
      findings.error(fault->rule, fault->of_issuer ? index : index - 1, fault->message);
    }
    if (options_.explain) keep_attempt(report, {path_, std::move(findings)});
    return false;
  }

  bool finish(PathEnd end, Report& report) {
    Findings findings(options_.explain);
    std::vector<asn1::Oid> policies = verify_path(path_, end, options_, signatures_, findings);
    if (findings.errors() == 0) {
      report.valid = true;
      report.path = path_;
      report.findings = std::move(findings);
      report.policies = std::move(policies);
      return true;
    }
    if (pass_ == Pass::kExplain) {
      keep_best(end, {path_, std::move(findings)}, report);
    } else if (options_.explain) {
      keep_attempt(report, {path_, std::move(findings)});
    }
    return false;
  }

  void keep_best(PathEnd end, Attempt attempt, Report& report) {
    const std::tuple badness(end == PathEnd::kIncomplete, attempt.findings.errors());
    if (!report.path.empty() && badness >= best_) return keep_attempt(report, std::move(attempt));
    if (!report.path.empty())
      keep_attempt(report, {std::move(report.path), std::move(report.findings)});
    best_ = badness;
    report.path = std::move(attempt.path);
    report.findings = std::move(attempt.findings);
  }

  static void keep_attempt(Report& report, Attempt attempt) {
    if (report.attempts.size() < kMaxAttempts) report.attempts.push_back(std::move(attempt));
  }

  const TrustStore& trust_;
  std::span<const CertificateSource* const> sources_;
  const Options& options_;
  Budget budget_;
  SignatureChecks signatures_;
  Pass pass_;
  std::vector<Certificate> path_;
  bool too_long_ = false;
  std::tuple<bool, std::size_t> best_{};
};

std::string cut_short_message(Rule rule, const Limits& limits) {
  switch (rule) {
    case Rule::kPathTooLong:
      return "paths of more than " + std::to_string(limits.depth) + " certificates were not tried";
    case Rule::kIterationBudget:
      return "the search was given up: more than " + std::to_string(limits.iterations) +
             " candidate issuers";
    case Rule::kSignatureBudget:
      return "the search was given up: more than " + std::to_string(limits.signature_checks) +
             " signatures to check";
    case Rule::kNameBudget:
      return "the search was given up: more than " + std::to_string(limits.name_comparisons) +
             " comparisons of names with name constraints";
    default:
      return "the search was given up: out of time";
  }
}

}  // namespace

Report validate(const Certificate& target, const TrustStore& trust,
                std::span<const CertificateSource* const> sources, const Options& options) {
  Report report;
  report.findings = Findings(options.explain);
  Search search(trust, sources, options, options.limits, Pass::kStrict);
  if (search.run(target, report)) return report;

  report.attempts.clear();
  Limits few = options.limits;
  few.iterations = std::min(few.iterations, kExplainIterations);
  few.signature_checks = std::min(few.signature_checks, kExplainSignatureChecks);
  Search explanation(trust, sources, options, few, Pass::kExplain);
  if (explanation.run(target, report)) return report;
  if (report.path.empty()) report.path.push_back(target);
  if (const auto rule = search.cut_short()) {
    if (!report.findings.has(*rule))
      report.findings.error(*rule, std::nullopt, cut_short_message(*rule, options.limits));
  } else if (report.findings.errors() == 0) {
    report.findings.error(Rule::kIssuerUnknown, 0, "no path to a trust anchor was found");
  }
  return report;
}

}  // namespace chancery::x509::path
