#include "policy/evaluate.h"

#include <algorithm>

#include "base/text.h"
#include "policy/check_names.h"
#include "policy/decide.h"
#include "policy/key_rules.h"
#include "policy/names.h"
#include "policy/refusal.h"
#include "policy/subject.h"
#include "policy/usages.h"
#include "policy/validity.h"

namespace chancery::policy {
namespace {

void warn_of_ignored_fields(const Role& role, const IssueRequest& request, Warnings& warnings) {
  if (request.csr == nullptr) return;
  if (role.use_csr_common_name && !request.common_name.empty()) {
    warnings.emplace_back(
        "the common_name field was provided but the role is set with \"use_csr_common_name\" set "
        "to true");
  }
  if (role.use_csr_sans && !request.alt_names.empty()) {
    warnings.emplace_back(
        "the alt_names field was provided but the role is set with \"use_csr_sans\" set to true");
  }
}

void warn_of_basic_constraints(const CompiledProfile& profile, const IssueRequest& request,
                               Warnings& warnings) {
  if (request.csr == nullptr || profile.basic_constraints) return;
  if (!request.csr->extensions().basic_constraints) return;
  warnings.emplace_back(
      "specified CSR contained a Basic Constraints extension that was ignored during issuance");
}

// Profiles of people, companies and authorities switch the syntax of host names off: the common
// name must be one of those they list, and is no alternative name.
bool lists_common_names(const CompiledProfile& profile) {
  const auto& validations = profile.rules().cn_validations;
  return !profile.is_role && validations.size() == 1 && validations.front() == "disabled";
}

// The order of checks is OpenBao's, so that a request with two faults is refused for the same one.
Result<GeneralNames> judge_names(const CompiledProfile& profile, const IssueRequest& request,
                                 const SubjectRequest& subject, Warnings& warnings) {
  const Role& role = profile.rules();
  const std::string_view host_name = common_name_as_host(profile, subject);
  const HostNames hosts = TRY(collect_host_names(role, request, host_name, warnings));
  TRY(check_common_name(role, subject));
  TRY(check_listed_common_name(profile, subject));
  TRY(check_serial_number(role, subject));
  TRY(check_host_names(role, request, hosts));
  TRY(check_a_labels(role, request, host_name, hosts));
  GeneralNames names;
  names.reserve(hosts.dns.size() + hosts.emails.size() + request.ip_sans.size());
  TRY(add_other_names(role, request, names));
  TRY(add_host_names(request, hosts, names));
  TRY(add_addresses(role, request, names));
  TRY(add_uris(role, request, names));
  remove_repeated(names);
  return names;
}

void add_profile(const CompiledProfile& profile, CertificateContent& content) {
  content.key_usage = profile.key_usage;
  if (!profile.is_role) {
    content.key_usage = without_impossible(profile.key_usage, content.public_key->type().algorithm);
  }
  content.extended_key_usage = profile.extended_key_usage;
  content.policies = profile.policies;
  content.basic_constraints = profile.basic_constraints;
  content.name_constraints = profile.name_constraints;
  content.extras = profile.extras;
  const Role& rules = profile.rules();
  content.signature_bits = rules.signature_bits;
  content.use_pss = rules.use_pss;
  content.no_store = rules.no_store;
}

}  // namespace

Result<void> check_names(const CompiledProfile& profile, const IssueRequest& request) {
  SubjectRequest subject;
  subject.common_name = request.common_name;
  Warnings warnings;
  TRY(judge_names(profile, request, subject, warnings));
  return {};
}

Result<crypto::PublicKey> requested_key(const CompiledProfile& profile,
                                        const IssueRequest& request) {
  if ((request.csr != nullptr) == request.generated_key.has_value()) {
    return invalid("csr", "csr", {"a request needs either a csr or a generated key"});
  }
  crypto::PublicKey key =
      request.csr != nullptr ? request.csr->public_key() : *request.generated_key;
  TRY(check_key(profile, key));
  return key;
}

Result<void> check_user(const access::Grant& grant, const CompiledProfile& profile) {
  const auto& users = profile.source.users;
  const auto fits = [&](const std::string& glob) { return glob_match(glob, grant.actor()); };
  if (users.empty() || std::ranges::any_of(users, fits)) return {};
  return std::unexpected(
      Error{Code::kPermissionDenied, "the profile is not for " + grant.actor(), {}, {}}
          .with("field", "profile")
          .with("rule", "users"));
}

Result<void> check_listed_common_name(const CompiledProfile& profile,
                                      const SubjectRequest& subject) {
  if (!lists_common_names(profile) || subject.common_name.empty()) return {};
  const auto fits = [&](const std::string& glob) { return glob_match(glob, subject.common_name); };
  if (std::ranges::any_of(profile.source.allowed_common_names, fits)) return {};
  return refused("common_name", "allowed_common_names",
                 {"common name ", subject.common_name, " not allowed by this profile"});
}

std::string_view common_name_as_host(const CompiledProfile& profile,
                                     const SubjectRequest& subject) {
  return lists_common_names(profile) ? std::string_view{} : std::string_view(subject.common_name);
}

// A profile may allow more time than its mount does roles.
Result<Validity> validity_of(const CompiledProfile& profile, const IssueRequest& request,
                             const IssuerFacts& issuer, TimePoint now, Warnings& warnings) {
  const Role& rules = profile.rules();
  if (profile.is_role || rules.max_ttl <= issuer.limits.max_ttl) {
    return decide_validity(rules, request, issuer, now, warnings);
  }
  IssuerFacts facts = issuer;
  facts.limits.max_ttl = rules.max_ttl;
  return decide_validity(rules, request, facts, now, warnings);
}

Result<void> check_named(const CertificateContent& content) {
  if (!content.subject.empty() || !content.names.empty()) return {};
  return invalid(
      "common_name", "require_cn",
      {"the certificate would name nobody: give a common_name or a subject alternative name"});
}

void warn_of_csr(const CompiledProfile& profile, const IssueRequest& request, Warnings& warnings) {
  warn_of_ignored_fields(profile.rules(), request, warnings);
  warn_of_basic_constraints(profile, request, warnings);
}

Result<CertificateContent> decide(const CompiledProfile& profile, const IssueRequest& request,
                                  const IssuerFacts& issuer, TimePoint now, Warnings& warnings) {
  const Role& role = profile.rules();
  CertificateContent content;
  content.profile = role.name;
  content.public_key = TRY(requested_key(profile, request));
  TRY(check_name_count(role, request));
  const SubjectRequest subject = TRY(read_subject(role, request));
  warn_of_ignored_fields(role, request, warnings);
  content.names = TRY(judge_names(profile, request, subject, warnings));
  const Validity validity = TRY(validity_of(profile, request, issuer, now, warnings));
  TRY(check_user_ids(role, subject));
  TRY(check_validity(validity));
  content.not_before = validity.not_before;
  content.not_after = validity.not_after;
  content.subject = TRY(build_subject(role, subject));
  add_profile(profile, content);
  warn_of_basic_constraints(profile, request, warnings);
  return content;
}

Result<Decision> evaluate(access::Grant grant, const CompiledProfile& profile,
                          const IssueRequest& request, const IssuerFacts& issuer, TimePoint now) {
  TRY(check_user(grant, profile));
  Warnings warnings;
  CertificateContent content = TRY(decide(profile, request, issuer, now, warnings));
  TRY(check_named(content));
  return Decision{Authorization(std::move(grant), std::move(content)), std::move(warnings)};
}

Result<Decision> evaluate(access::Grant grant, const Role& role, const IssueRequest& request,
                          const IssuerFacts& issuer, TimePoint now) {
  return evaluate(std::move(grant), TRY(compile(role)), request, issuer, now);
}

}  // namespace chancery::policy
