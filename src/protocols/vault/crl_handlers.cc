#include <algorithm>

#include "asn1/pem.h"
#include "http/conditional.h"
#include "http/target.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issuer.h"

namespace chancery::vault {
namespace {

// Writing a larger CRL as PEM takes a reactor too long.
constexpr std::size_t kReactorPem = std::size_t{256} * 1024;

// How long a cache may give a CRL out without asking whether there is a newer one.
constexpr seconds kMaxAge{300};

using Crl = std::shared_ptr<const ca::PublishedCrl>;

// find_crl returns the current CRL, or nothing when it takes a lane to build it.
Result<std::optional<Crl>> find_crl(const Call& call, ca::CrlKind kind) {
  const auto authority = TRY(issuer_of(call));
  auto crl = call.use.service.published_crl(authority, kind, call.context.on_lane());
  if (!crl) {
    const bool offline = crl.error().code == Code::kUnavailable && authority->signer() == nullptr;
    if (!offline) return std::unexpected(std::move(crl).error());
    return fail(Code::kNotFound,
                "this issuer's key is kept offline and no CRL of it was imported yet");
  }
  if (*crl == nullptr) return std::nullopt;
  return *std::move(crl);
}

// with_crl answers by `render`, on a lane where that is needed.
template <class Render>
http::Response with_crl(Call& call, ca::CrlKind kind, std::size_t most_on_reactor, Render render) {
  const auto crl = find_crl(call, kind);
  if (!crl) return failed(call, crl.error());
  const bool too_large = *crl && (**crl)->der.size() > most_on_reactor && !call.context.lane();
  if (!*crl || too_large) return http::Response::run_on(http::Lane::kCpu);
  return render(**crl);
}

std::string pem_of(const Crl& crl) {
  std::string pem = asn1::pem("X509 CRL", crl->der.view());
  pem.pop_back();
  return pem;
}

// The end of the signature tells one CRL from every other, of the same number too.
http::Validators validators_of(const Call& call, const Crl& crl, std::string_view form) {
  constexpr std::size_t kTag = 16;
  const BytesView der = crl->der.view();
  const auto left = std::max(crl->next_update - call.use.clock.now(), seconds{0});
  return {"\"" + std::to_string(crl->number) + "-" + hex(der.last(std::min(der.size(), kTag))) +
              std::string(form) + "\"",
          crl->modified, std::min(left, kMaxAge)};
}

Result<http::Response::Body> body_of(const ca::CrlContent& crl) {
  if (crl.memory()) return crl.memory();
  return TRY(http::file_part(crl.file()->descriptor(), crl.offset(), crl.size()));
}

http::Response crl_der(Call& call, ca::CrlKind kind) {
  return with_crl(call, kind, SIZE_MAX, [&](const Crl& crl) {
    const http::Validators validators = validators_of(call, crl, "");
    if (http::is_unchanged(call.request, validators)) return http::not_modified(validators);
    auto body = body_of(crl->der);
    if (!body) return failed(call, body.error());
    return http::cacheable("application/pkix-crl", *std::move(body), validators);
  });
}

http::Response crl_pem(Call& call, ca::CrlKind kind) {
  const std::string_view newline = call.variables.count == 0 ? "" : "\n";
  return with_crl(call, kind, kReactorPem, [&](const Crl& crl) {
    const http::Validators validators = validators_of(call, crl, "-pem");
    return http::is_unchanged(call.request, validators)
               ? http::not_modified(validators)
               : http::cacheable("application/x-pem-file", pem_of(crl).append(newline), validators);
  });
}

// An issuer whose key is elsewhere has no delta CRL here, which is no error to Vault's clients.
bool has_no_delta(const Call& call, ca::CrlKind kind) {
  if (kind != ca::CrlKind::kDelta) return false;
  const auto authority = issuer_of(call);
  return authority && (*authority)->signer() == nullptr;
}

http::Response crl_json(Call& call, ca::CrlKind kind) {
  if (has_no_delta(call, kind)) return absent();
  return with_crl(call, kind, kReactorPem, [&](const Crl& crl) {
    Envelope answer(call.request.request_id, 512 + 2 * crl->der.size());
    answer.data().begin_object().field("crl", pem_of(crl) + "\n").end_object();
    return std::move(answer).finish();
  });
}

http::Response crl_as_certificate(Call& call, ca::CrlKind kind) {
  return with_crl(call, kind, kReactorPem, [&](const Crl& crl) {
    Envelope answer(call.request.request_id, 512 + 2 * crl->der.size());
    answer.data().begin_object().field("certificate", pem_of(crl));
    answer.data().field("revocation_time", 0).field("revocation_time_rfc3339", "").end_object();
    return std::move(answer).finish();
  });
}

// http_status is what OpenBao answers: 200, and other statuses for OCSP's own errors.
unsigned http_status(x509::OcspStatus status) {
  switch (status) {
    case x509::OcspStatus::kSuccessful:
      return 200;
    case x509::OcspStatus::kMalformedRequest:
      return 400;
    case x509::OcspStatus::kTryLater:
      return 503;
    case x509::OcspStatus::kUnauthorized:
      return 401;
    default:
      return 500;
  }
}

http::Response answer_ocsp(Call& call, BytesView request) {
  const ca::OcspAnswer response =
      call.use.service.ocsp(call.scope(), request, call.context.lane().has_value());
  if (response.der == nullptr) return http::Response::run_on(http::Lane::kCpu);
  return raw(http_status(response.status), "application/ocsp-response",
             std::string(as_text(*response.der)));
}

}  // namespace

http::Response read_crl_der(Call& call) { return crl_der(call, ca::CrlKind::kComplete); }
http::Response read_crl_pem(Call& call) { return crl_pem(call, ca::CrlKind::kComplete); }
http::Response read_crl_json(Call& call) { return crl_json(call, ca::CrlKind::kComplete); }
http::Response read_crl_as_certificate(Call& call) {
  return crl_as_certificate(call, ca::CrlKind::kComplete);
}
http::Response read_delta_crl_der(Call& call) { return crl_der(call, ca::CrlKind::kDelta); }
http::Response read_delta_crl_pem(Call& call) { return crl_pem(call, ca::CrlKind::kDelta); }
http::Response read_delta_crl_json(Call& call) { return crl_json(call, ca::CrlKind::kDelta); }
http::Response read_delta_crl_as_certificate(Call& call) {
  return crl_as_certificate(call, ca::CrlKind::kDelta);
}

http::Response ocsp_post(Call& call) { return answer_ocsp(call, as_bytes(call.request.body)); }

http::Response ocsp_get(Call& call) {
  // From the request, because a slash at the end is a digit of base64 here.
  const std::string below = "/v1/" + call.mount->path + "ocsp/";
  const std::string_view text = std::string_view(call.request.path).substr(below.size());
  const auto decoded = http::percent_decoded(text);
  const auto request = parse_base64(decoded.value_or(""));
  // What is not base64 is no OCSP request either: the responder says so in its own form.
  return answer_ocsp(call, request ? BytesView(*request) : BytesView{});
}

}  // namespace chancery::vault
