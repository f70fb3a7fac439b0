#include "base/text.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issue_answer.h"
#include "protocols/vault/issuer.h"
#include "protocols/vault/issuer_answer.h"

namespace chancery::vault {
namespace {

constexpr std::string_view kDerType = "application/pkix-cert";
constexpr std::string_view kPemType = "application/pem-certificate-chain";

// A mount without any authority answers its raw CA paths with nothing.
http::Response no_issuer(Call& call, const Error& error) {
  const bool no_ca = error.code == Code::kNotFound && call.variables.count == 0;
  return no_ca ? no_content() : failed(call, error);
}

std::string chain_text(const ca::Authority& authority) { return join(authority.chain_pem(), "\n"); }

// The data of cert/ca and cert/ca_chain.
http::Response as_certificate(Call& call, const ca::Authority& authority,
                              std::string_view certificate, bool with_chain) {
  Envelope answer(call.request.request_id, 8192);
  json::Writer& out = answer.data().begin_object();
  if (with_chain) out.field("ca_chain", certificate);
  out.field("certificate", certificate).field("issuer_id", authority.id());
  out.field("revocation_time", 0).field("revocation_time_rfc3339", "").end_object();
  return std::move(answer).finish();
}

}  // namespace

Result<std::shared_ptr<const ca::Authority>> issuer_of(const Call& call) {
  const std::string_view ref = call.variables.count == 0 ? "default" : call.variable();
  auto found = call.use.service.authority(call.scope(), ref);
  if (!found && found.error().code == Code::kNotFound) {
    return std::unexpected(Error{
        Code::kNotFound,
        ref == "default" ? "no default issuer currently configured"
                         : "unable to find PKI issuer for reference: " + std::string(ref),
        {},
        {}}.with("field", "issuer_ref"));
  }
  return found;
}

http::Response list_issuers(Call& call) {
  const auto authorities = call.use.service.authorities(call.scope());
  if (!authorities) return failed(call, authorities.error());
  if (authorities->empty()) return absent();
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object().key("key_info").begin_object();
  std::vector<std::string> ids;
  for (const auto& authority : *authorities) {
    const ca::AuthorityRecord& record = authority->record();
    ids.push_back(record.id);
    out.key(record.id).begin_object();
    out.field("is_default", record.is_default).field("issuer_name", record.name);
    out.field("key_id", record.key_id);
    out.field("serial_number", serial_text(authority->certificate().serial())).end_object();
  }
  out.end_object().field("keys", ids).end_object();
  return std::move(answer).finish();
}

http::Response read_issuer(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return failed(call, as_core(authority.error()));
  return issuer_answer(call.request.request_id, **authority, {});
}

http::Response read_issuer_json(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return failed(call, authority.error());
  Envelope answer(call.request.request_id, 8192);
  json::Writer& out = answer.data().begin_object();
  write_issuer_identity(out, **authority);
  out.end_object();
  return std::move(answer).finish();
}

http::Response read_issuer_der(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return no_issuer(call, authority.error());
  return raw(200, kDerType, std::string(as_text((*authority)->certificate().der())));
}

http::Response read_issuer_pem(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return failed(call, authority.error());
  return raw(200, kPemType, (*authority)->chain_pem().front() + "\n");
}

http::Response read_ca_pem(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return no_issuer(call, authority.error());
  return raw(200, kPemType, (*authority)->chain_pem().front());
}

// Vault types this PEM as a DER certificate; clients expect it so.
http::Response read_ca_chain(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return no_issuer(call, authority.error());
  return raw(200, kDerType, chain_text(**authority));
}

http::Response read_ca_json(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return absent();
  return as_certificate(call, **authority, (*authority)->chain_pem().front(), false);
}

http::Response read_ca_chain_json(Call& call) {
  const auto authority = issuer_of(call);
  if (!authority) return absent();
  return as_certificate(call, **authority, chain_text(**authority), true);
}

}  // namespace chancery::vault
