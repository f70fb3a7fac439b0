#include "asn1/pem.h"
#include "base/text.h"
#include "enrol/client_request.h"
#include "enrol/verbatim.h"
#include "protocols/vault/authority_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

// Certificates without a role's rules: of authorities, verbatim, and of self-issued ones.
namespace chancery::vault {
namespace {

// The path is issuer/{ref}/... or means the default.
bool names_issuer(const Call& call) {
  return call.path.substr(call.mount->path.size()).starts_with("issuer/");
}

std::string_view issuer_ref(const Call& call) {
  return names_issuer(call) ? call.variable() : "default";
}

Result<std::shared_ptr<const ca::Authority>> issuer(Call& call, std::string_view ref) {
  return enrol::issuing_authority(call.use.service, call.scope(), ref);
}

Result<x509::CertificationRequest> proven_request(std::string_view pem) {
  auto request = TRY(enrol::read_request(pem));
  TRY(enrol::prove_possession(request));
  return request;
}

// issue_and_answer signs what policy decided; `render` makes the answer of it.
template <class Render>
http::Response issue_and_answer(Call& call, policy::Decision decision,
                                std::shared_ptr<const ca::Authority> authority,
                                std::vector<std::string> unknown, Render render) {
  std::vector<std::string> warnings = std::move(decision.warnings);
  warn_of_unknown(warnings, unknown);
  auto staged = call.use.service.issue(std::move(decision.authorization), std::move(authority),
                                       call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, warnings = std::move(warnings), render = std::move(render)](
          const ca::Issued& issued) { return render(id, issued, warnings); });
}

std::string encoded(BytesView der, bool as_der) {
  if (as_der) return base64(der);
  return std::string(without_newline(asn1::pem("CERTIFICATE", der)));
}

// The chain begins with the new certificate itself.
std::vector<std::string> chain_of(const ca::Issued& issued, bool as_der) {
  const ca::Authority& authority = *issued.authority;
  std::vector<std::string> chain{encoded(issued.certificate.der(), as_der),
                                 encoded(authority.certificate().der(), as_der)};
  for (const Bytes& above : authority.record().chain) chain.push_back(encoded(above, as_der));
  return chain;
}

http::Response intermediate_answer(std::string_view request_id, const ca::Issued& issued,
                                   const AnswerForm& form,
                                   const std::vector<std::string>& warnings) {
  const bool der = form.format == AnswerForm::Format::kDer;
  const std::vector<std::string> chain = chain_of(issued, der);
  const bool bundle = form.format == AnswerForm::Format::kPemBundle;
  Envelope answer(request_id, 16'384);
  json::Writer& out = answer.data().begin_object();
  out.field("ca_chain", chain);
  out.field("certificate", bundle ? join(chain, "\n") : chain.front());
  out.field("expiration", to_unix(issued.certificate.not_after()));
  out.field("issuing_ca", chain[1]);
  out.field("serial_number", serial_text(issued.certificate.serial())).end_object();
  return std::move(answer).finish(warnings);
}

http::Response self_issued_answer(std::string_view request_id, const ca::Issued& issued,
                                  const std::vector<std::string>& warnings) {
  Envelope answer(request_id, 8192);
  answer.data()
      .begin_object()
      .field("certificate", encoded(issued.certificate.der(), false))
      .field("issuing_ca", issued.authority->chain_pem().front())
      .end_object();
  return std::move(answer).finish(warnings);
}

// As Go calls the families of keys.
std::string_view family_name(std::string_view type) {
  if (type == "rsa") return "RSA";
  if (type == "ec") return "ECDSA";
  return type == "ed25519" ? "Ed25519" : "MLDSA";
}

Result<policy::Role> verbatim_role(Call& call, json::FieldReader& fields) {
  const std::size_t index = names_issuer(call) ? 1 : 0;
  const std::string_view name =
      call.variables.count <= index ? std::string_view{} : call.variable(index);
  auto found = enrol::verbatim_role(call.use.enrolment.roles(), call.scope(), name);
  // The fields are read in any case: a fault in them is told first.
  policy::Role role = found ? *std::move(found) : policy::Role{};
  role.key_usage = fields.list("key_usage", role.key_usage);
  role.ext_key_usage = fields.list("ext_key_usage");
  role.ext_key_usage_oids = fields.list("ext_key_usage_oids");
  const std::int64_t bits = fields.integer("signature_bits");
  role.signature_bits = bits == 384 || bits == 512 ? static_cast<unsigned>(bits) : 0;
  role.use_pss = fields.flag("use_pss");
  role.basic_constraints_valid_for_non_ca |= fields.flag("basic_constraints_valid_for_non_ca");
  if (!found) return std::unexpected(std::move(found).error());
  return role;
}

policy::IssueRequest read_verbatim(json::FieldReader& fields) {
  policy::IssueRequest request;
  request.common_name = fields.text("common_name");
  request.alt_names = fields.list("alt_names");
  const seconds ttl = fields.duration("ttl");
  if (ttl.count() > 0) request.ttl = ttl;
  request.not_before = fields.time("not_before");
  request.not_after = fields.time("not_after");
  // Fields of issuing that say nothing here.
  for (const char* name : {"ip_sans", "uri_sans", "other_sans", "serial_number", "user_ids",
                           "exclude_cn_from_sans", "issuer_ref", "role"}) {
    (void)fields.has(name);
  }
  return request;
}

}  // namespace

http::Response sign_intermediate(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  policy::AuthorityRequest request = read_authority_request(fields);
  request.use_csr_values = fields.flag("use_csr_values");
  const std::string pem = fields.text("csr");
  const auto form = read_form(fields);
  (void)fields.has("issuer_ref");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!form) return failed(call, form.error());
  const auto authority = issuer(call, issuer_ref(call));
  if (!authority) return failed(call, issuer_error(authority.error()));
  const auto csr = proven_request(pem);
  if (!csr) return failed(call, csr.error());
  request.content.csr = &*csr;
  auto decision = policy::authorize_intermediate(
      *std::move(call.grant), request,
      (*authority)->facts(call.use.enrolment.roles().limits(call.scope())), call.use.clock.now());
  if (!decision) return failed(call, decision.error());
  if ((*authority)->urls()->empty()) {
    decision->warnings.insert(decision->warnings.begin(), std::string(urls_warning()));
  }
  return issue_and_answer(call, *std::move(decision), *authority, *unknown,
                          [form = *form](std::string_view id, const ca::Issued& issued,
                                         const std::vector<std::string>& warnings) {
                            return intermediate_answer(id, issued, form, warnings);
                          });
}

http::Response sign_verbatim(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const auto role = verbatim_role(call, fields);
  policy::IssueRequest request = read_verbatim(fields);
  const std::string pem = fields.text("csr");
  const auto form = read_form(fields);
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!role) return failed(call, role.error());
  const auto authority = issuer(call, names_issuer(call) ? call.variable() : role->issuer_ref);
  if (!authority) return failed(call, issuer_error(authority.error()));
  if (!form) return failed(call, form.error());
  const auto csr = proven_request(pem);
  if (!csr) return failed(call, csr.error());
  request.csr = &*csr;
  auto decision = policy::authorize_verbatim(
      *std::move(call.grant), *role, request,
      (*authority)->facts(call.use.enrolment.roles().limits(call.scope())), call.use.clock.now());
  if (!decision) return failed(call, decision.error());
  return issue_and_answer(call, *std::move(decision), *authority, *unknown,
                          [form = *form](std::string_view id, const ca::Issued& issued,
                                         const std::vector<std::string>& warnings) {
                            auto answer = issue_answer(id, issued, nullptr, form, warnings);
                            return answer ? *std::move(answer) : error_answer(id, answer.error());
                          });
}

http::Response sign_self_issued(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string pem = fields.text("certificate");
  const bool same_family = fields.flag("require_matching_certificate_algorithms");
  (void)fields.has("issuer_ref");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!pem.contains("-----BEGIN ")) {
    return failed(call, bad_field("certificate", "certificate could not be PEM-decoded"));
  }
  auto certificate = x509::Certificate::from_pem(pem);
  if (!certificate) {
    Error error = std::move(certificate).error();
    if (error.code == Code::kNotFound) error.code = Code::kMalformed;
    return failed(call, std::move(error).with("field", "certificate"));
  }
  if (const auto fits = policy::check_self_issued(*certificate); !fits) {
    return failed(call, fits.error());
  }
  const auto authority = issuer(call, issuer_ref(call));
  if (!authority) return failed(call, issuer_error(authority.error()));
  auto decision = policy::authorize_self_issued(
      *std::move(call.grant), *certificate,
      (*authority)->facts(call.use.enrolment.roles().limits(call.scope())), call.use.clock.now());
  if (!decision) return failed(call, decision.error());
  const auto& submitted = *decision->authorization.content().public_key;
  const std::string_view theirs = key_type_name(submitted.type());
  const std::string_view ours = key_type_name((*authority)->public_key().type());
  if (same_family && theirs != ours) {
    return failed(
        call,
        as_core(bad_field(
            "certificate",
            "signing certificate's public key algorithm (" + std::string(family_name(ours)) +
                ") does not match submitted certificate's (" + std::string(family_name(theirs)) +
                "), and require_matching_certificate_algorithms is true")));
  }
  return issue_and_answer(call, *std::move(decision), *authority, *unknown, self_issued_answer);
}

}  // namespace chancery::vault
