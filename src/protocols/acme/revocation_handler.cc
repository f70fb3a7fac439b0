#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "protocols/acme/fields.h"
#include "protocols/acme/handlers.h"

namespace chancery::acme {
namespace {

// A lost key has a job look through all certificates.
constexpr std::uint32_t kLostKeysAnHour = 100;

Result<void> limit_lost_keys(const Call& call, record::WriteSet& writes) {
  if (call.context.attempt() > 0) return {};
  const Limit limit{limit_key(call.scope(), "lost/" + network_of(call.request.peer_address)),
                    kLostKeysAnHour, seconds{3600}};
  const seconds wait = TRY(call.acme.limits.spend(limit, call.acme.use.clock.now(), writes));
  if (wait.count() == 0) return {};
  return rate_limited(std::to_string(kLostKeysAnHour) +
                          " keys were said to be lost from this address within an hour: the "
                          "operator can revoke more at once (\"chancery cert revoke --sha256\")",
                      wait);
}

}  // namespace

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
  record::WriteSet spent;
  if (call.key && *reason == x509::ReasonCode::kKeyCompromise) {
    if (!call.context.lane()) return http::Response::run_on(http::Lane::kSearch);
    if (const auto free = limit_lost_keys(call, spent); !free) return failed(call, free.error());
  }
  auto staged = call.acme.revocations.revoke(*call.directory, call.account.get(), *certificate,
                                             *reason, call.request.request_id);
  if (!staged) {
    Error error = staged.error();
    if (step_of(error, kProblem) == "alreadyRevoked") error = with_status(std::move(error), 400);
    return failed(call, error);
  }
  std::ranges::move(spent.changes, std::back_inserter(staged->writes().changes));
  return after_commit(call, *std::move(staged), [](const Call&, const ca::Service::Revoked&) {
    return http::Response::empty(200);
  });
}

}  // namespace chancery::acme
