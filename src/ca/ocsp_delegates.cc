#include "ca/ocsp_delegates.h"

#include <algorithm>

#include "access/principal.h"
#include "ca/service.h"
#include "policy/evaluate.h"
#include "record/state_cache.h"

namespace chancery::ca {
namespace {

constexpr std::string_view kProfile = "ocsp-responder";
constexpr std::string_view kCommonName = "OCSP Responder";
constexpr seconds kRetry{60};
constexpr unsigned kMostRsaBits = 3072;  // a week needs no more

// Whoever can verify the authority's signatures can verify those of a key of its own kind.
crypto::KeyType key_type_for(crypto::KeyType authority) {
  if (authority.algorithm == crypto::KeyAlgorithm::kRsa)
    authority.rsa_bits = std::min(authority.rsa_bits, kMostRsaBits);
  return authority;
}

bool signs_slowly(crypto::KeyType type) {
  return type.algorithm != crypto::KeyAlgorithm::kEcdsaP256 &&
         type.algorithm != crypto::KeyAlgorithm::kEd25519;
}

Result<policy::CompiledProfile> responder_profile(crypto::KeyType key) {
  policy::Profile profile = *policy::shipped_profile(kProfile);
  profile.allowed_common_names = {std::string(kCommonName)};
  auto compiled = TRY(policy::compile(std::move(profile)));
  compiled.keys = {key};
  return compiled;
}

std::string slot_name(const Authority& authority) {
  return record::cache_key(authority_key(authority.scope(), authority.id()));
}

}  // namespace

std::shared_ptr<const Delegate> OcspDelegates::find(const Authority& authority) {
  std::shared_ptr<const Delegate> delegate;
  {
    const std::scoped_lock lock(mutex_);
    if (slots_.empty()) return nullptr;
    const auto it = slots_.find(slot_name(authority));
    if (it == slots_.end()) return nullptr;
    delegate = it->second.delegate;
  }
  const TimePoint now = clock_.now();
  if (!delegate || now < delegate->not_before || now >= delegate->not_after) return nullptr;
  return delegate;
}

bool OcspDelegates::due(const Authority& authority, TimePoint now) {
  const std::scoped_lock lock(mutex_);
  const Slot& slot = slots_[slot_name(authority)];
  // A clock that was set back must not make the pause longer.
  if (now < slot.try_again && slot.try_again <= now + kRetry) return false;
  return !slot.delegate || now >= slot.delegate->renew_at || now < slot.delegate->not_before;
}

Result<Delegate> OcspDelegates::make(const std::shared_ptr<const Authority>& authority,
                                     seconds validity, const OnLane& on_lane) {
  TRY(service_.may_issue());  // which a system grant is not asked
  const crypto::KeyType type = key_type_for(authority->public_key().type());
  auto key = TRY(crypto::PrivateKey::generate(type));
  const TimePoint now = clock_.now();
  policy::IssueRequest request;
  request.common_name = kCommonName;
  request.generated_key = key.public_key();
  request.ttl = std::min<seconds>(validity, authority->certificate().not_after() - now);
  const auto profile = TRY(responder_profile(type));
  auto decision = TRY(policy::evaluate(access::system_grant(authority->scope()), profile, request,
                                       authority->facts({validity, validity}), now));
  auto staged = TRY(service_.issue(std::move(decision.authorization), authority, {}));
  const Receipt receipt = TRY(staged.submit(service_.store().committer()).wait(on_lane));
  const x509::Certificate& certificate = staged.release(receipt).certificate;
  const crypto::Sha1 key_sha1 = crypto::sha1(key.public_key().key_bits());
  return Delegate{std::move(key),
                  scheme_for(type, 0, false),
                  key_sha1,
                  to_bytes(certificate.der()),
                  certificate.not_before(),
                  certificate.not_after(),
                  now + (certificate.not_after() - now) / 2,
                  signs_slowly(type)};
}

void OcspDelegates::tend(const record::Scope& scope, const OnLane& on_lane) {
  const auto authorities = directory_.list(scope);
  if (!authorities) return;  // said by whoever answers
  for (const auto& authority : **authorities) {
    const auto settings = settings_.find_for(*authority);
    if (!settings) return;
    if (!settings->ocsp_delegated || settings->ocsp_disabled) {
      const std::scoped_lock lock(mutex_);
      slots_.erase(slot_name(*authority));
      continue;
    }
    const TimePoint now = clock_.now();
    const bool answers = authority->signer() != nullptr && authority->may(Usage::kOcspSigning) &&
                         authority->certificate().not_after() > now;
    if (!answers || !due(*authority, now)) continue;
    auto made = make(authority, settings->delegate_validity.value, on_lane);
    if (!made) {
      log_.error("no OCSP responder could be made; the authority answers itself",
                 {{"authority", authority->id()}, {"error", made.error().to_string()}});
    }
    const std::scoped_lock lock(mutex_);
    Slot& slot = slots_[slot_name(*authority)];
    slot.try_again = made ? now : now + kRetry;
    if (made) slot.delegate = std::make_shared<const Delegate>(*std::move(made));
  }
}

}  // namespace chancery::ca
