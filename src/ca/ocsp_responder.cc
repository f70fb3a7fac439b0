#include "ca/ocsp_responder.h"

#include "ca/service.h"
#include "ca/tidy.h"
#include "ca/unlisted.h"

namespace chancery::ca {
namespace {

const Authority* issuer_of(const AuthorityDirectory::List& authorities, const x509::CertId& id) {
  for (const auto& authority : authorities) {
    if (authority->hashes().matches(id)) return authority.get();
  }
  return nullptr;
}

bool answers(const Authority& authority) {
  return authority.signer() != nullptr && authority.record().usage.has(Usage::kOcspSigning);
}

// The one who signs: the first named issuer whose key is here, else the default authority, which
// can still say "unknown".
const Authority* responder_for(const AuthorityDirectory::List& authorities,
                               const x509::OcspRequest& request) {
  for (const x509::CertId& id : request.cert_ids) {
    const Authority* issuer = issuer_of(authorities, id);
    if (issuer != nullptr && answers(*issuer)) return issuer;
    if (issuer != nullptr) return nullptr;  // its key is elsewhere: nobody here may answer for it
  }
  for (const auto& authority : authorities) {
    if (answers(*authority)) return authority.get();
  }
  return nullptr;
}

}  // namespace

Bytes OcspResponder::respond(const record::Scope& scope, BytesView der) {
  const auto request = x509::OcspRequest::parse(der);
  if (!request) return to_bytes(x509::ocsp_error(x509::OcspStatus::kMalformedRequest));
  auto response = answer(scope, *request);
  if (response) return *std::move(response);
  if (response.error().code == Code::kNotFound)
    return to_bytes(x509::ocsp_error(x509::OcspStatus::kUnauthorized));
  log_.error("OCSP request could not be answered", {{"error", response.error().to_string()}});
  const bool temporary = response.error().code == Code::kUnavailable;
  return to_bytes(
      x509::ocsp_error(temporary ? x509::OcspStatus::kTryLater : x509::OcspStatus::kInternalError));
}

Result<x509::SingleResponse> OcspResponder::status_of(const Authority* issuer,
                                                      const x509::CertId& id, TimePoint now) {
  x509::SingleResponse single;
  single.cert_id = id.der;
  single.this_update = now;
  if (issuer == nullptr) return single;
  const auto row = TRY(state_.get(revocation_key(issuer->scope(), issuer->id(), id.serial)));
  // Without nextUpdate nobody keeps an "unknown" beyond the moment.
  if (!row && !TRY(is_good(*issuer, id.serial, now))) return single;
  const seconds validity = TRY(settings_.find_for(*issuer)).ocsp_validity.value;
  if (validity.count() > 0) single.next_update = now + validity;
  single.status = x509::CertStatus::kGood;
  if (!row) return single;
  const Revocation revocation = TRY(decode_revocation(row->value));
  single.status = x509::CertStatus::kRevoked;
  single.revoked_at = revocation.revoked_at;
  if (revocation.reason != x509::ReasonCode::kUnspecified) single.reason = revocation.reason;
  return single;
}

Result<bool> OcspResponder::is_good(const Authority& issuer, BytesView serial, TimePoint now) {
  const auto row = TRY(index_.find_by_serial(issuer.scope(), serial));
  if (row && row->issuer_id == issuer.id() && row->not_after < now) {
    // Revocations of expired certificates can have been tidied away: then nobody knows.
    return !TRY(state_.get(tidied_mark(issuer.scope())));
  }
  if (row) return row->issuer_id == issuer.id();
  const auto mark = unlisted_mark(issuer.scope(), issuer.id(), serial);
  return mark && TRY(state_.get(*mark)).has_value();
}

Result<Bytes> OcspResponder::answer(const record::Scope& scope, const x509::OcspRequest& request) {
  const auto authorities = TRY(directory_.list(scope));
  const Authority* responder = responder_for(*authorities, request);
  if (TRY(settings_.find(scope)).ocsp_disabled)
    return fail(Code::kNotFound, "OCSP is disabled for this mount");
  if (responder == nullptr) return fail(Code::kNotFound, "no authority here may answer");
  const TimePoint now = clock_.now();
  std::vector<x509::SingleResponse> singles;
  singles.reserve(request.cert_ids.size());
  for (const x509::CertId& id : request.cert_ids) {
    // One response has one signer: certificates of other authorities are unknown to it.
    const Authority* issuer = issuer_of(*authorities, id);
    singles.push_back(TRY(status_of(issuer == responder ? issuer : nullptr, id, now)));
  }
  const auto key_hash = responder->hashes().key_sha1;
  x509::ResponseFields fields;
  fields.responder_key_sha1 = key_hash;
  fields.produced_at = now;
  fields.responses = singles;
  if (request.nonce) fields.nonce = *request.nonce;
  const Bytes data = x509::encode_response_data(fields);
  const auto scheme = responder->scheme(0, false);
  const Bytes signature = TRY(responder->signer()->sign(scheme, data));
  return x509::assemble_ocsp_response(data, scheme, signature);
}

}  // namespace chancery::ca
