#include "base/text.h"
#include "protocols/acme/fields.h"
#include "protocols/acme/handlers.h"

namespace chancery::acme {

http::Response revoke_certificate(Call& call) {
  const auto der = octets_field(*call.payload, "certificate");
  if (!der) return failed(call, der.error());
  const auto certificate = x509::Certificate::parse(BytesView(*der));
  if (!certificate)
    return failed(call, malformed("the certificate: " + certificate.error().detail).error());
  if (call.key && !equal(call.key->key.spki(), certificate->spki())) {
    return failed(call,
                  make_refusal("unauthorized", "the request is not signed by the certificate's key",
                               Code::kPermissionDenied));
  }
  Result<x509::ReasonCode> reason = x509::ReasonCode::kUnspecified;
  if (const jose::Json* const given = call.payload->find("reason")) {
    const bool is_number = given->is(jose::Json::Kind::kNumber);
    reason = Revocations::read_reason(is_number ? std::string_view(given->text) : "(no number)");
  }
  if (!reason) return failed(call, reason.error());
  auto staged = call.acme.revocations.revoke(*call.directory, call.account.get(), *certificate,
                                             *reason, call.request.request_id);
  if (!staged) {
    Error error = staged.error();
    if (step_of(error, kProblem) == "alreadyRevoked") error = with_status(std::move(error), 400);
    return failed(call, error);
  }
  return after_commit(call, *std::move(staged), [](const Call&, const ca::Service::Revoked&) {
    return http::Response::empty(200);
  });
}

}  // namespace chancery::acme
