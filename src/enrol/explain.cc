#include <algorithm>

#include "enrol/client_request.h"
#include "enrol/enrolment.h"

namespace chancery::enrol {
namespace {

using policy::Finding;
using policy::finding;

// is_fault says that an error is not a rule's word but a failure.
bool is_fault(const Error& error) {
  return error.code != Code::kRefused && error.code != Code::kInvalidArgument &&
         error.code != Code::kPermissionDenied && error.code != Code::kUnsupported;
}

// Subject of an explanation: the key that the certificate would have.
struct Key {
  std::optional<x509::CertificationRequest> csr;
  std::optional<crypto::PublicKey> made;
};

Result<Key> key_of(const EnrolRequest& request, const policy::CompiledProfile& rules,
                   std::vector<Finding>& findings) {
  Key key;
  if (const auto* client = std::get_if<ClientKey>(&request.key)) {
    key.csr = TRY(read_request(*client));
    findings.push_back(finding("proof_of_possession", "csr", prove_possession(*key.csr)));
    return key;
  }
  const auto& wanted = std::get<ServerKey>(request.key);
  const auto type = policy::generated_key_type(rules, wanted.type, wanted.bits);
  if (!type) {
    findings.push_back(finding("key_type", "key_type", std::unexpected(type.error())));
    return key;
  }
  key.made = TRY(crypto::PrivateKey::generate(*type)).public_key();
  return key;
}

}  // namespace

Result<Enrolment::Explained> Enrolment::explain(const access::Grant& grant,
                                                const EnrolRequest& request) {
  const record::Scope& scope = grant.scope();
  const auto rules = TRY(rules_of(scope, request));
  const std::string& issuer_ref =
      request.issuer_ref.empty() ? rules->rules().issuer_ref : request.issuer_ref;
  Explained explained;
  explained.issuer = TRY(service_.authority(scope, issuer_ref));
  std::vector<Finding> first;
  const auto usable = issuing_authority(service_, scope, issuer_ref);
  first.push_back(
      finding("issuer", "issuer_ref", usable ? Result<void>{} : std::unexpected(usable.error())));
  const Key key = TRY(key_of(request, *rules, first));

  policy::IssueRequest content = request.content;
  if (key.csr) content.csr = &*key.csr;
  content.generated_key = key.made;
  explained.explanation = policy::explain(
      grant, *rules, content, explained.issuer->facts(roles_.limits(scope)), clock_.now());
  TRY(finish(scope, first, explained));
  return explained;
}

Result<Enrolment::Explained> Enrolment::explain_signing(const record::Scope& scope,
                                                        std::string_view issuer_ref,
                                                        std::string_view csr_pem,
                                                        const Judge& judge) {
  Explained explained;
  explained.issuer = TRY(service_.authority(scope, issuer_ref));
  const auto usable = issuing_authority(service_, scope, issuer_ref);
  const auto csr = TRY(read_request(csr_pem));
  const std::vector<Finding> first{
      finding("issuer", "issuer_ref", usable ? Result<void>{} : std::unexpected(usable.error())),
      finding("proof_of_possession", "csr", prove_possession(csr))};
  explained.explanation = judge(csr, explained.issuer->facts(roles_.limits(scope)));
  TRY(finish(scope, first, explained));
  return explained;
}

// finish puts what was asked first before the rest, and has the lints judge what would come out.
Result<void> Enrolment::finish(const record::Scope& scope, const std::vector<Finding>& first,
                               Explained& explained) const {
  policy::Explanation& explanation = explained.explanation;
  explanation.findings.insert(explanation.findings.begin(), first.begin(), first.end());
  const bool refused = std::ranges::any_of(
      first, [](const Finding& one) { return one.verdict == Finding::Verdict::kRefuses; });
  if (explanation.content && !refused) {
    const auto rehearsed = service_.rehearse(scope, *explanation.content, *explained.issuer);
    if (!rehearsed && is_fault(rehearsed.error())) return std::unexpected(rehearsed.error());
    explanation.findings.push_back(
        finding("lint", "", rehearsed ? Result<void>{} : std::unexpected(rehearsed.error())));
    if (rehearsed) {
      explanation.warnings.insert(explanation.warnings.end(), rehearsed->begin(), rehearsed->end());
      return {};
    }
  } else {
    explanation.findings.push_back({"lint", "", Finding::Verdict::kNotReached, {}});
  }
  explanation.content.reset();
  return {};
}

}  // namespace chancery::enrol
