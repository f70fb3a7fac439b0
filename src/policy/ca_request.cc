#include "crypto/weak_key.h"
#include "policy/evaluate.h"
#include "policy/refusal.h"
#include "policy/validity.h"

namespace chancery::policy {
namespace {

constexpr seconds kBackdating{30};
constexpr TimePoint kLastMoment = from_unix(253'402'300'799);  // 9999-12-31T23:59:59Z

Result<Validity> decide_lifetime(const CaRequest& request, const IssuerFacts* issuer,
                                 TimePoint now) {
  constexpr std::string_view kField = "ttl";
  if (request.lifetime <= seconds{0}) return invalid(kField, kField, {"a CA needs a lifetime"});
  if (request.lifetime > kLastMoment - now) {
    return invalid(kField, kField, {"the CA certificate would end after the year 9999"});
  }
  const Validity validity{default_not_before(now, kBackdating), now + request.lifetime};
  if (issuer == nullptr || validity.not_after <= issuer->not_after) return validity;
  return refused(kField, "issuer",
                 {"the CA certificate would end at ", rfc3339(validity.not_after),
                  ", after its issuer, which ends at ", rfc3339(issuer->not_after),
                  "; ask for a ttl of at most ", format_duration(issuer->not_after - now)});
}

Result<void> check_ca_key(const std::optional<crypto::PublicKey>& key) {
  if (!key) return invalid("key", "key_type", {"a CA needs a key"});
  return crypto::check_weak_key(*key);
}

}  // namespace

Result<Authorization> authorize_ca(access::Grant grant, const CaRequest& request,
                                   const IssuerFacts* issuer, TimePoint now) {
  if (request.subject.empty()) {
    return invalid("common_name", "subject",
                   {"a CA needs a subject: certificates name their issuer by it"});
  }
  TRY(check_ca_key(request.public_key));
  const Validity validity = TRY(decide_lifetime(request, issuer, now));

  using enum x509::KeyUsageBit;
  CertificateContent content;
  content.profile = request.profile;
  content.subject = request.subject;
  content.public_key = request.public_key;
  content.not_before = validity.not_before;
  content.not_after = validity.not_after;
  content.key_usage = {kDigitalSignature, kKeyCertSign,
                       kCrlSign};  // the first for OCSP answers of its own
  content.basic_constraints = x509::BasicConstraints{true, request.path_length};
  content.name_constraints = request.name_constraints;
  return Authorization(std::move(grant), std::move(content));
}

}  // namespace chancery::policy
