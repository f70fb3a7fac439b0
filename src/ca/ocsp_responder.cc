#include "ca/ocsp_responder.h"

#include <algorithm>

#include "ca/service.h"
#include "ca/tidy.h"
#include "ca/unlisted.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kCachedAnswers = 16'384;

bool answers(const Authority& authority) {
  return authority.signer() != nullptr && authority.record().usage.has(Usage::kOcspSigning);
}

// Of twins, which one request cannot tell apart, one that answers.
const Authority* issuer_of(const AuthorityDirectory::List& authorities, const x509::CertId& id) {
  const Authority* found = nullptr;
  for (const auto& authority : authorities) {
    if (!authority->hashes().matches(id)) continue;
    if (answers(*authority)) return authority.get();
    if (found == nullptr) found = authority.get();
  }
  return found;
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

OcspAnswer error_answer(x509::OcspStatus status) {
  return {std::make_shared<const Bytes>(to_bytes(x509::ocsp_error(status))), status};
}

}  // namespace

// Work is one answer about to be signed.
struct OcspResponder::Work {
  const Authority& responder;
  const Delegate* delegate;  // null: the authority signs
  const x509::OcspRequest& request;
  std::vector<x509::SingleResponse> singles;
  bool extended = false;
  TimePoint now;
};

OcspResponder::OcspResponder(AuthorityDirectory& directory, StatusSettingsStore& settings,
                             OcspDelegates& delegates, record::Store& store, const Clock& clock,
                             Log& log)
    : directory_(directory),
      settings_(settings),
      delegates_(delegates),
      state_(store.state()),
      index_(store.index()),
      clock_(clock),
      log_(log),
      cache_(store.committer(), kCachedAnswers) {}

OcspAnswer OcspResponder::respond(const record::Scope& scope, BytesView der, bool may_block) {
  const auto request = x509::OcspRequest::parse(der);
  if (!request) return error_answer(x509::OcspStatus::kMalformedRequest);
  auto response = answer(scope, *request, may_block);
  if (response) return *std::move(response);
  if (response.error().code == Code::kNotFound)
    return error_answer(x509::OcspStatus::kUnauthorized);
  log_.error("OCSP request could not be answered", {{"error", response.error().to_string()}});
  const bool temporary = response.error().code == Code::kUnavailable;
  return error_answer(temporary ? x509::OcspStatus::kTryLater : x509::OcspStatus::kInternalError);
}

Result<OcspResponder::Status> OcspResponder::status_of(const Authority* issuer,
                                                       const x509::CertId& id,
                                                       const StatusSettings& settings,
                                                       TimePoint now) {
  Status status;
  x509::SingleResponse& single = status.single;
  single.cert_id = id.der;
  single.this_update = now;
  if (issuer == nullptr) return status;
  const auto row = TRY(find_revocation(state_, issuer->scope(), issuer->status(), id.serial));
  if (!row && !TRY(is_good(*issuer, id.serial, now))) {
    if (settings.ocsp_unissued == UnissuedAnswer::kGood) single.status = x509::CertStatus::kGood;
    if (settings.ocsp_unissued != UnissuedAnswer::kRevoked) return status;
    single.status = x509::CertStatus::kRevoked;
    single.revoked_at = TimePoint{};  // 1970, as RFC 6960 section 2.2 has it
    single.reason = x509::ReasonCode::kCertificateHold;
    status.extended = true;
    return status;
  }
  status.kept = true;
  if (settings.ocsp_validity.value.count() > 0)
    single.next_update = now + settings.ocsp_validity.value;
  single.status = x509::CertStatus::kGood;
  if (!row) return status;
  const Revocation revocation = TRY(decode_revocation(row->value));
  single.status = x509::CertStatus::kRevoked;
  single.revoked_at = revocation.revoked_at;
  if (revocation.reason != x509::ReasonCode::kUnspecified) single.reason = revocation.reason;
  return status;
}

Result<bool> OcspResponder::is_good(const Authority& issuer, BytesView serial, TimePoint now) {
  const auto row = TRY(index_.find_by_serial(issuer.scope(), serial));
  if (row && !issuer.status().covers(row->issuer_id)) return false;
  // Revocations of expired certificates can have been tidied away: then nobody knows.
  if (row && row->not_after < now) return !TRY(state_.get(tidied_mark(issuer.scope())));
  if (row) return true;
  for (const std::string_view source : issuer.status().sources()) {
    const auto mark = unlisted_mark(issuer.scope(), source, serial);
    if (mark && TRY(state_.get(*mark))) return true;
  }
  return false;
}

Result<OcspAnswer> OcspResponder::answer(const record::Scope& scope,
                                         const x509::OcspRequest& request, bool may_block) {
  const auto authorities = TRY(directory_.list(scope));
  const Authority* responder = responder_for(*authorities, request);
  if (TRY(settings_.find(scope)).ocsp_disabled)
    return fail(Code::kNotFound, "OCSP is disabled for this mount");
  if (responder == nullptr) return fail(Code::kNotFound, "no authority here may answer");
  const StatusSettings settings = TRY(settings_.find_for(*responder));
  const TimePoint now = clock_.now();

  const x509::CertId& first = request.cert_ids.front();
  const bool reusable = request.cert_ids.size() == 1 && !request.nonce &&
                        settings.ocsp_reuse.value.count() > 0 &&
                        issuer_of(*authorities, first) == responder;
  const std::string name = reusable ? OcspCache::name_of(scope, first) : std::string{};
  const std::uint64_t generation = cache_.generation();
  const OcspCache::Found found =
      reusable ? cache_.find(name, first.der, now, may_block) : OcspCache::Found{};
  if (found.entry) return found.entry->answer;

  const auto delegate = settings.ocsp_delegated ? delegates_.find(*responder) : nullptr;
  if (!may_block && (delegate ? delegate->slow : responder->slow())) return OcspAnswer{};
  Work work{*responder, delegate.get(), request, {}, false, now};
  work.singles.reserve(request.cert_ids.size());
  bool kept = true;
  for (const x509::CertId& id : request.cert_ids) {
    // One response has one signer: certificates of other authorities are unknown to it.
    const Authority* issuer = issuer_of(*authorities, id);
    const Status status = TRY(status_of(issuer == responder ? issuer : nullptr, id, settings, now));
    work.singles.push_back(status.single);
    work.extended = work.extended || status.extended;
    kept = kept && status.kept;
  }
  OcspAnswer signed_answer = TRY(sign(work));
  if (!kept || request.nonce || settings.ocsp_validity.value.count() == 0) return signed_answer;
  signed_answer.this_update = now;
  signed_answer.next_update = now + settings.ocsp_validity.value;
  if (!reusable) return signed_answer;
  const seconds reuse =
      std::min<seconds>(settings.ocsp_reuse.value, settings.ocsp_validity.value / 2);
  const TimePoint valid = delegate ? std::min(*signed_answer.next_update, delegate->not_after)
                                   : *signed_answer.next_update;
  cache_.put(name,
             std::make_shared<const OcspCache::Entry>(OcspCache::Entry{
                 to_bytes(first.der), signed_answer, now, std::min(now + reuse, valid), valid}),
             generation);
  return signed_answer;
}

Result<OcspAnswer> OcspResponder::sign(const Work& work) {
  x509::ResponseFields fields;
  fields.responder_key_sha1 =
      work.delegate != nullptr ? work.delegate->key_sha1 : work.responder.hashes().key_sha1;
  fields.produced_at = work.now;
  fields.responses = work.singles;
  fields.extended_revoke = work.extended;
  if (work.request.nonce) fields.nonce = *work.request.nonce;
  const Bytes data = x509::encode_response_data(fields);
  const auto joined = [&](crypto::SignatureScheme scheme, const Bytes& signature,
                          std::span<const BytesView> certificates) {
    return OcspAnswer{std::make_shared<const Bytes>(
        x509::assemble_ocsp_response(data, scheme, signature, certificates))};
  };
  if (work.delegate != nullptr) {
    const Delegate& delegate = *work.delegate;
    const Bytes signature = TRY(delegate.key.sign(delegate.scheme, data));
    const BytesView certificate(delegate.certificate);
    return joined(delegate.scheme, signature, {&certificate, 1});
  }
  const auto scheme = work.responder.scheme(0, false);
  const Bytes signature = TRY(work.responder.signer()->sign(scheme, data));
  return joined(scheme, signature, {});
}

}  // namespace chancery::ca
