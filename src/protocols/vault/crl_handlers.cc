#include <algorithm>

#include "asn1/pem.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issuer.h"

namespace chancery::vault {
namespace {

// Writing a larger CRL as PEM takes a reactor too long.
constexpr std::size_t kReactorPem = std::size_t{256} * 1024;

using Crl = std::shared_ptr<const Bytes>;

// find_crl returns the current CRL, or nothing when it takes a lane to build it.
Result<std::optional<Crl>> find_crl(const Call& call) {
  const auto authority = TRY(issuer_of(call));
  auto crl = call.use.service.crl(authority, call.context.on_lane());
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
http::Response with_crl(Call& call, std::size_t most_on_reactor, Render render) {
  const auto crl = find_crl(call);
  if (!crl) return failed(call, crl.error());
  const bool too_large = *crl && (**crl)->size() > most_on_reactor && !call.context.lane();
  if (!*crl || too_large) return http::Response::run_on(http::Lane::kCpu);
  return render(**crl);
}

std::string pem_of(const Crl& crl) {
  std::string pem = asn1::pem("X509 CRL", *crl);
  pem.pop_back();
  return pem;
}

// ocsp_status is what OpenBao answers: 200, and other statuses for OCSP's own errors (RFC 6960
// section 4.2.1), which are exactly five octets long.
unsigned ocsp_status(BytesView response) {
  if (response.size() != 5) return 200;
  switch (response.back()) {
    case 1:
      return 400;  // malformedRequest
    case 3:
      return 503;  // tryLater
    case 6:
      return 401;  // unauthorized
    default:
      return 500;
  }
}

http::Response answer_ocsp(Call& call, BytesView request) {
  if (!call.context.lane()) {
    const auto authorities = call.use.service.authorities(call.scope());
    const auto slow = [](const auto& authority) { return authority->slow(); };
    if (authorities && std::ranges::any_of(*authorities, slow)) {
      return http::Response::run_on(http::Lane::kCpu);
    }
  }
  const Bytes response = call.use.service.ocsp(call.scope(), request);
  return raw(ocsp_status(response), "application/ocsp-response", std::string(as_text(response)));
}

// decode_path undoes percent-encoding: the server leaves what is below "ocsp/" as it came.
std::string decode_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto octet =
        path[i] == '%' ? parse_hex(path.substr(i + 1, 2)) : fail(Code::kMalformed, "");
    if (octet && octet->size() == 1) {
      out.push_back(static_cast<char>(octet->front()));
      i += 2;
    } else {
      out.push_back(path[i]);
    }
  }
  return out;
}

}  // namespace

http::Response read_crl_der(Call& call) {
  return with_crl(call, SIZE_MAX, [](Crl crl) { return raw(200, "application/pkix-crl", crl); });
}

http::Response read_crl_pem(Call& call) {
  const std::string_view newline = call.variables.count == 0 ? "" : "\n";
  return with_crl(call, kReactorPem, [newline](const Crl& crl) {
    return raw(200, "application/x-pem-file", pem_of(crl).append(newline));
  });
}

http::Response read_crl_json(Call& call) {
  return with_crl(call, kReactorPem, [&](const Crl& crl) {
    Envelope answer(call.request.request_id, 512 + 2 * crl->size());
    answer.data().begin_object().field("crl", pem_of(crl) + "\n").end_object();
    return std::move(answer).finish();
  });
}

http::Response read_crl_as_certificate(Call& call) {
  return with_crl(call, kReactorPem, [&](const Crl& crl) {
    Envelope answer(call.request.request_id, 512 + 2 * crl->size());
    answer.data().begin_object().field("certificate", pem_of(crl));
    answer.data().field("revocation_time", 0).field("revocation_time_rfc3339", "").end_object();
    return std::move(answer).finish();
  });
}

http::Response ocsp_post(Call& call) { return answer_ocsp(call, as_bytes(call.request.body)); }

http::Response ocsp_get(Call& call) {
  // From the request, because a slash at the end is a digit of base64 here.
  const std::string below = "/v1/" + call.mount->path + "ocsp/";
  const std::string_view text = std::string_view(call.request.path).substr(below.size());
  const auto request = parse_base64(decode_path(text));
  // What is not base64 is no OCSP request either: the responder says so in its own form.
  return answer_ocsp(call, request ? BytesView(*request) : BytesView{});
}

}  // namespace chancery::vault
