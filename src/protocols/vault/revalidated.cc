#include "protocols/vault/revalidated.h"

#include "crypto/digest.h"

namespace chancery::vault {
namespace {

bool is_certificate(const http::Response& response) {
  const auto type = response.header("Content-Type");
  return response.status() == 200 && !response.body().empty() && type &&
         (*type == "application/pkix-cert" || *type == "application/pem-certificate-chain");
}

}  // namespace

http::Response revalidated(const http::Request& request, http::Response response) {
  if (!is_certificate(response)) return response;
  const auto digest = crypto::sha256(response.body());
  const http::Validators validators{"\"" + hex(BytesView(digest).first(16)) + "\"", {}, {}};
  if (http::is_unchanged(request, validators)) return http::not_modified(validators);
  return std::move(response).with_header("ETag", validators.etag);
}

}  // namespace chancery::vault
