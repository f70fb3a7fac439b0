#include "asn1/pem.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issue_answer.h"

namespace chancery::vault {
namespace {

// Found is what a client may see of one certificate of the mount.
struct Found {
  Bytes der;
  std::string issuer_id;
  std::optional<ca::Revocation> revocation;
};

// The certificate of an authority itself, which is not always among those that it issued.
Result<Found> find_authority(const Call& call, BytesView serial) {
  const auto authorities = TRY(call.use.service.authorities(call.scope()));
  for (const auto& authority : authorities) {
    const x509::Certificate& certificate = authority->certificate();
    if (equal(certificate.serial(), serial)) {
      return Found{to_bytes(certificate.der()), authority->id(), std::nullopt};
    }
  }
  return fail(Code::kNotFound, "no certificate with this serial number");
}

Result<Found> find(const Call& call) {
  const auto serial = x509::parse_serial(call.variable());
  if (!serial) return fail(Code::kNotFound, "not a serial number");
  auto stored = call.use.service.find(call.scope(), *serial);
  if (!stored) {
    if (stored.error().code != Code::kNotFound) {
      return std::unexpected(std::move(stored).error());
    }
    return find_authority(call, *serial);
  }
  // Under a role with no_store only the record of the issuance is kept.
  if (stored->der.empty()) return fail(Code::kNotFound, "the certificate was not stored");
  return Found{std::move(stored->der), std::move(stored->row.issuer_id), stored->revocation};
}

std::string pem_of(BytesView der) {
  std::string pem = asn1::pem("CERTIFICATE", der);
  pem.pop_back();
  return pem;
}

http::Response read_raw(Call& call, std::string_view content_type,
                        std::string (*render)(BytesView)) {
  const auto found = find(call);
  if (found) return raw(200, content_type, render(found->der));
  if (found.error().code == Code::kNotFound) return no_content();
  return failed(call, found.error());
}

}  // namespace

http::Response read_certificate(Call& call) {
  const auto found = find(call);
  if (!found) {
    return found.error().code == Code::kNotFound ? absent() : failed(call, found.error());
  }
  const auto& revoked = found->revocation;
  Envelope answer(call.request.request_id, 4096);
  answer.data()
      .begin_object()
      .field("certificate", pem_of(found->der))
      .field("issuer_id", found->issuer_id)
      .field("revocation_time", revoked ? to_unix(revoked->revoked_at) : 0)
      .field("revocation_time_rfc3339", revoked ? rfc3339(revoked->revoked_at) : std::string())
      .end_object();
  return std::move(answer).finish();
}

http::Response read_certificate_der(Call& call) {
  return read_raw(call, "application/pkix-cert",
                  [](BytesView der) { return std::string(as_text(der)); });
}

http::Response read_certificate_pem(Call& call) {
  return read_raw(call, "application/pem-certificate-chain", pem_of);
}

}  // namespace chancery::vault
