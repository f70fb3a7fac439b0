#include "enrol/enrolment.h"

#include "base/text.h"

namespace chancery::enrol {
namespace {

std::unexpected<Error> refuse(Code code, std::string_view detail, std::string_view field) {
  return std::unexpected(Error{code, std::string(detail), {}, {}}.with("field", field));
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
  const std::string& issuer_ref =
      request.issuer_ref.empty() ? rules->rules().issuer_ref : request.issuer_ref;
  auto authority = TRY(issuing_authority(service_, scope, issuer_ref));
  TRY(service_.may_issue());  // before anything is judged by a clock that is wrong
  const bool on_reactor = thread == Thread::kReactor;
  if (on_reactor && authority->slow()) return std::nullopt;

  policy::IssueRequest content = request.content;
  std::optional<x509::CertificationRequest> csr;
  std::optional<crypto::PrivateKey> made;
  std::vector<std::string> warnings;
  if (const auto* client = std::get_if<ClientKey>(&request.key)) {
    csr = TRY(read_request(*client));
    if (on_reactor && csr->public_key().slow_to_verify()) return std::nullopt;
    TRY(prove_possession(*csr));
    content.csr = &*csr;
  } else {
    const auto& wanted = std::get<ServerKey>(request.key);
    const auto type = TRY(policy::generated_key_type(*rules, wanted.type, wanted.bits));
    if (!quick_to_generate(type)) {
      made = keys_ahead_.take(type);
      if (!made && on_reactor) return std::nullopt;
    }
    if (rules->rules().key_type != policy::RoleKeyType::kAny && !wanted.empty()) {
      warnings.emplace_back("parameters key_type and key_bits ignored as role had specific values");
    }
    if (!made) made = TRY(crypto::PrivateKey::generate(type));
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
