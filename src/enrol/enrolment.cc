#include "enrol/enrolment.h"

#include "base/text.h"
#include "x509/csr.h"

namespace chancery::enrol {
namespace {

std::unexpected<Error> refuse(Code code, std::string_view detail, std::string_view field) {
  return std::unexpected(Error{code, std::string(detail), {}, {}}.with("field", field));
}

// read_request parses the client's request.
Result<x509::CertificationRequest> read_request(std::string_view pem) {
  if (trim(pem).empty()) return refuse(Code::kInvalidArgument, "\"csr\" is empty", "csr");
  if (!pem.contains("-----BEGIN ")) {
    return refuse(Code::kMalformed, "csr contains no data", "csr");
  }
  auto request = x509::CertificationRequest::from_pem(pem);
  if (!request) {
    Error error = std::move(request).error();
    if (error.code == Code::kNotFound) error.code = Code::kMalformed;  // no whole PEM block
    error.detail = "certificate request could not be parsed: " + error.detail;
    return std::unexpected(std::move(error).with("field", "csr"));
  }
  return request;
}

// prove_possession checks that the request has its key's signature.
Result<void> prove_possession(const x509::CertificationRequest& request) {
  auto proven = request.verify_signature();
  if (proven) return {};
  Error error = std::move(proven).error();
  if (error.code == Code::kRefused) {
    error.detail = "request signature invalid";
    error = std::move(error).with("rule", "proof_of_possession");
  }
  return std::unexpected(std::move(error).with("field", "csr"));
}

bool quick_to_generate(crypto::KeyType type) {
  switch (type.algorithm) {
    case crypto::KeyAlgorithm::kEcdsaP256:
    case crypto::KeyAlgorithm::kEcdsaP384:
    case crypto::KeyAlgorithm::kEcdsaP521:
    case crypto::KeyAlgorithm::kEd25519:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<std::shared_ptr<const ca::Authority>> Enrolment::issuer(const record::Scope& scope,
                                                               const policy::Role& role) {
  auto found = service_.authority(scope, role.issuer_ref);
  if (!found) {
    if (found.error().code != Code::kNotFound) return found;
    return refuse(Code::kInvalidArgument,
                  "unable to find PKI issuer for reference: " + role.issuer_ref, "issuer_ref");
  }
  if ((*found)->signer() == nullptr) {
    return refuse(Code::kInvalidArgument,
                  "the issuer " + role.issuer_ref + " of this role has no key here", "issuer_ref");
  }
  return found;
}

Result<std::shared_ptr<const policy::CompiledProfile>> Enrolment::rules_of(
    const record::Scope& scope, const EnrolRequest& request) {
  if (!request.profile.empty()) {
    const auto found = TRY(profiles_.find(scope, request.profile));
    if (found) return found->compiled;
    return refuse(Code::kInvalidArgument, "unknown profile: " + printable(request.profile),
                  "profile");
  }
  auto role = TRY(roles_.find_compiled(scope, request.role));
  if (role) return role;
  return refuse(Code::kInvalidArgument, "unknown role: " + printable(request.role), "role");
}

Result<std::optional<Enrolled>> Enrolment::enrol(access::Grant grant, const EnrolRequest& request,
                                                 Thread thread, std::string_view request_id) {
  const record::Scope scope = grant.scope();
  const auto rules = TRY(rules_of(scope, request));
  auto authority = TRY(issuer(scope, rules->rules()));
  const bool on_reactor = thread == Thread::kReactor;
  if (on_reactor && authority->slow()) return std::nullopt;

  policy::IssueRequest content = request.content;
  std::optional<x509::CertificationRequest> csr;
  std::optional<crypto::PrivateKey> made;
  std::vector<std::string> warnings;
  if (const auto* client = std::get_if<ClientKey>(&request.key)) {
    csr = TRY(read_request(client->csr_pem));
    if (on_reactor && csr->public_key().slow_to_verify()) return std::nullopt;
    TRY(prove_possession(*csr));
    content.csr = &*csr;
  } else {
    const auto& wanted = std::get<ServerKey>(request.key);
    const auto type = TRY(policy::generated_key_type(*rules, wanted.type, wanted.bits));
    if (on_reactor && !quick_to_generate(type)) return std::nullopt;
    if (rules->rules().key_type != policy::RoleKeyType::kAny && !wanted.empty()) {
      warnings.emplace_back("parameters key_type and key_bits ignored as role had specific values");
    }
    made = TRY(crypto::PrivateKey::generate(type));
    content.generated_key = made->public_key();
  }

  policy::Decision decision = TRY(policy::evaluate(
      std::move(grant), *rules, content, authority->facts(roles_.limits(scope)), clock_.now()));
  warnings.insert(warnings.begin(), std::make_move_iterator(decision.warnings.begin()),
                  std::make_move_iterator(decision.warnings.end()));
  ca::Staged<ca::Issued> issued =
      TRY(service_.issue(std::move(decision.authorization), std::move(authority), request_id));
  return Enrolled{std::move(issued), std::move(warnings), std::move(made)};
}

}  // namespace chancery::enrol
