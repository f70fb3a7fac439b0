#include "base/text.h"
#include "protocols/admin/handlers.h"

namespace chancery::admin {

void write_authority(json::Writer& out, const ca::Authority& authority) {
  const ca::AuthorityRecord& record = authority.record();
  const x509::Certificate& certificate = authority.certificate();
  out.begin_object().field("id", record.id).field("name", record.name);
  out.field("is_default", record.is_default).field("has_key", authority.signer() != nullptr);
  out.field("key_type", crypto::to_string(authority.public_key().type()));
  out.field("subject", certificate.subject().to_string());
  out.field("issuer", certificate.issuer().to_string());
  out.field("serial_number", hex(certificate.serial(), ':'));
  out.field("fingerprint_sha256", hex(certificate.fingerprint_sha256()));
  out.field("not_before", rfc3339(certificate.not_before()));
  out.field("not_after", rfc3339(certificate.not_after()));
  out.field("chain", authority.chain_pem());
  out.key("urls").begin_object();
  out.field("issuing_certificates", record.urls.issuing_certificates);
  out.field("crl_distribution_points", record.urls.crl_distribution_points);
  out.field("ocsp_servers", record.urls.ocsp_servers).end_object();
  out.field("crl_validity_seconds", record.crl_validity.count());
  out.field("ocsp_validity_seconds", record.ocsp_validity.count()).end_object();
}

http::Response list_authorities(Call& call) {
  const auto authorities = call.use.service.authorities(call.scope());
  if (!authorities) return failed(call, authorities.error());
  json::Writer out(4096);
  out.begin_object().key("authorities").begin_array();
  for (const auto& authority : *authorities) write_authority(out, *authority);
  out.end_array().end_object();
  return answer(200, std::move(out));
}

http::Response show_authority(Call& call) {
  const auto authority = call.use.service.authority(call.scope(), call.variables[0]);
  if (!authority) {
    if (authority.error().code != Code::kNotFound) return failed(call, authority.error());
    return failed(call, {Code::kNotFound, "no authority " + printable(call.variables[0]), {}, {}});
  }
  json::Writer out(4096);
  write_authority(out, **authority);
  return answer(200, std::move(out));
}

}  // namespace chancery::admin
