#include "policy/explain.h"

#include <algorithm>

#include "policy/decide.h"

namespace chancery::policy {
namespace {

std::string where(const Error& error, std::string_view key, std::string_view otherwise) {
  for (const Context& step : error.where) {
    if (step.key == key) return step.value;
  }
  return std::string(otherwise);
}

// Steps asks the rules one after the other and keeps what they say.
class Steps {
 public:
  // ask adds a rule's word and returns whether it allows.
  bool ask(std::string_view rule, std::string_view field, const Result<void>& outcome) {
    findings.push_back(finding(rule, field, outcome));
    return outcome.has_value();
  }
  // get does the same for a rule that yields something.
  template <class T>
  std::optional<T> get(std::string_view rule, std::string_view field, Result<T> outcome) {
    if (!outcome) {
      ask(rule, field, std::unexpected(std::move(outcome).error()));
      return std::nullopt;
    }
    ask(rule, field, {});
    return *std::move(outcome);
  }
  void pass_over(std::string_view rule, std::string_view field) {
    findings.push_back({std::string(rule), std::string(field), Finding::Verdict::kNotReached, {}});
  }

  std::vector<Finding> findings;
};

void ask_names(const CompiledProfile& profile, const IssueRequest& request,
               const SubjectRequest& subject, Steps& steps, Warnings& warnings) {
  const Role& role = profile.rules();
  const std::string_view host = common_name_as_host(profile, subject);
  const auto hosts = steps.get("enforce_hostnames", "alt_names",
                               collect_host_names(role, request, host, warnings));
  steps.ask("allowed_domains", "common_name", check_common_name(role, subject));
  if (!profile.is_role) {
    steps.ask("allowed_common_names", "common_name", check_listed_common_name(profile, subject));
  }
  steps.ask("allowed_serial_numbers", "serial_number", check_serial_number(role, subject));
  GeneralNames names;
  if (hosts) {
    steps.ask("allowed_domains", "alt_names", check_host_names(role, request, *hosts));
    steps.ask("idna", "alt_names", check_a_labels(role, request, host, *hosts));
  } else {
    steps.pass_over("allowed_domains", "alt_names");
    steps.pass_over("idna", "alt_names");
  }
  steps.ask("allowed_other_sans", "other_sans", add_other_names(role, request, names));
  if (hosts) steps.ask("host_name", "alt_names", add_host_names(request, *hosts, names));
  steps.ask("allow_ip_sans", "ip_sans", add_addresses(role, request, names));
  steps.ask("allowed_uri_sans", "uri_sans", add_uris(role, request, names));
}

void ask_all(const access::Grant& grant, const CompiledProfile& profile,
             const IssueRequest& request, const IssuerFacts& issuer, TimePoint now, Steps& steps,
             Warnings& warnings) {
  const Role& role = profile.rules();
  if (!profile.is_role) steps.ask("users", "profile", check_user(grant, profile));
  steps.get("key_type", request.csr != nullptr ? "csr" : "key_type",
            requested_key(profile, request));
  steps.ask("count", "alt_names", check_name_count(role, request));
  const auto subject = steps.get("require_cn", "common_name", read_subject(role, request));
  if (subject) {
    ask_names(profile, request, *subject, steps, warnings);
  } else {
    steps.pass_over("allowed_domains", "common_name");
  }
  const auto validity =
      steps.get("max_ttl", "ttl", validity_of(profile, request, issuer, now, warnings));
  if (subject) steps.ask("allowed_user_ids", "user_ids", check_user_ids(role, *subject));
  if (validity) steps.ask("validity", "not_after", check_validity(*validity));
  if (subject) steps.get("subject", "common_name", build_subject(role, *subject));
}

}  // namespace

std::string_view name(Finding::Verdict verdict) {
  switch (verdict) {
    case Finding::Verdict::kAllows:
      return "allows";
    case Finding::Verdict::kRefuses:
      return "refuses";
    case Finding::Verdict::kNotReached:
      return "not_reached";
  }
  return "unknown";
}

Finding finding(std::string_view rule, std::string_view field, const Result<void>& outcome) {
  if (outcome) return {std::string(rule), std::string(field)};
  const Error& error = outcome.error();
  return {where(error, "rule", rule), where(error, "field", field), Finding::Verdict::kRefuses,
          error.detail};
}

Explanation explain(const access::Grant& grant, const CompiledProfile& profile,
                    const IssueRequest& request, const IssuerFacts& issuer, TimePoint now) {
  Steps steps;
  Warnings asked;
  ask_all(grant, profile, request, issuer, now, steps, asked);
  Explanation explanation;
  // What evaluate would say is what counts; the list above says why.
  auto content = decide(profile, request, issuer, now, explanation.warnings);
  if (content) {
    const bool named = steps.ask("require_cn", "common_name", check_named(*content));
    const bool allowed = std::ranges::none_of(steps.findings, [](const Finding& one) {
      return one.verdict == Finding::Verdict::kRefuses;
    });
    if (named && allowed) explanation.content = *std::move(content);
  } else {
    explanation.warnings = std::move(asked);
  }
  explanation.findings = std::move(steps.findings);
  return explanation;
}

}  // namespace chancery::policy
