#include "policy/evaluate.h"

#include "policy/key_rules.h"
#include "policy/names.h"
#include "policy/refusal.h"
#include "policy/subject.h"
#include "policy/usages.h"
#include "policy/validity.h"

namespace chancery::policy {
namespace {

Result<crypto::PublicKey> requested_key(const Role& role, const IssueRequest& request) {
  if ((request.csr != nullptr) == request.generated_key.has_value()) {
    return invalid("csr", "csr", {"a request needs either a csr or a generated key"});
  }
  crypto::PublicKey key =
      request.csr != nullptr ? request.csr->public_key() : *request.generated_key;
  TRY(check_key(role, key));
  return key;
}

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

void warn_of_basic_constraints(const Role& role, const IssueRequest& request, Warnings& warnings) {
  if (request.csr == nullptr || role.basic_constraints_valid_for_non_ca) return;
  if (!request.csr->extensions().basic_constraints) return;
  warnings.emplace_back(
      "specified CSR contained a Basic Constraints extension that was ignored during issuance");
}

// The order of checks is OpenBao's, so that a request with two faults is refused for the same one.
Result<GeneralNames> judge_names(const Role& role, const IssueRequest& request,
                                 const SubjectRequest& subject, Warnings& warnings) {
  const HostNames hosts = TRY(collect_host_names(role, request, subject.common_name, warnings));
  TRY(check_common_name(role, subject));
  TRY(check_serial_number(role, subject));
  TRY(check_host_names(role, request, hosts));
  GeneralNames names;
  names.reserve(hosts.dns.size() + hosts.emails.size() + request.ip_sans.size());
  TRY(add_other_names(role, request, names));
  TRY(add_host_names(request, hosts, names));
  TRY(add_addresses(role, request, names));
  TRY(add_uris(role, request, names));
  remove_repeated(names);
  return names;
}

Result<void> check_named(const CertificateContent& content) {
  if (!content.subject.empty() || !content.names.empty()) return {};
  return invalid(
      "common_name", "require_cn",
      {"the certificate would name nobody: give a common_name or a subject alternative name"});
}

Result<CertificateContent> decide(const Role& role, const IssueRequest& request,
                                  const IssuerFacts& issuer, TimePoint now, Warnings& warnings) {
  CertificateContent content;
  content.profile = role.name;
  content.public_key = TRY(requested_key(role, request));
  TRY(check_name_count(role, request));
  const SubjectRequest subject = TRY(read_subject(role, request));
  warn_of_ignored_fields(role, request, warnings);
  content.names = TRY(judge_names(role, request, subject, warnings));
  const Validity validity = TRY(decide_validity(role, request, issuer, now, warnings));
  TRY(check_user_ids(role, subject));
  TRY(check_validity(validity));
  content.not_before = validity.not_before;
  content.not_after = validity.not_after;
  content.subject = TRY(build_subject(role, subject));
  TRY(check_named(content));
  content.key_usage = key_usage(role);
  content.extended_key_usage = TRY(extended_key_usage(role));
  content.policies = TRY(policies(role));
  if (role.basic_constraints_valid_for_non_ca) content.basic_constraints.emplace();
  warn_of_basic_constraints(role, request, warnings);
  content.signature_bits = role.signature_bits;
  content.use_pss = role.use_pss;
  content.no_store = role.no_store;
  return content;
}

}  // namespace

Result<Decision> evaluate(access::Grant grant, const Role& role, const IssueRequest& request,
                          const IssuerFacts& issuer, TimePoint now) {
  Warnings warnings;
  CertificateContent content = TRY(decide(role, request, issuer, now, warnings));
  return Decision{Authorization(std::move(grant), std::move(content)), std::move(warnings)};
}

}  // namespace chancery::policy
