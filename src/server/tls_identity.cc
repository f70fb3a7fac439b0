#include "server/tls_identity.h"

#include "access/principal.h"
#include "crypto/private_key.h"
#include "policy/evaluate.h"
#include "server/node.h"

namespace chancery::server {
namespace {

constexpr seconds kLifetime{90LL * 86'400};

// The profile of the server's own certificate: the operator who wrote the configuration chose the
// names.
policy::Role own_role() {
  policy::Role role;
  role.name = "chancery-server";
  role.ttl = kLifetime;
  role.max_ttl = kLifetime;
  role.allow_any_name = true;
  role.require_cn = false;
  role.key_type = policy::RoleKeyType::kEc;
  role.key_bits = 256;
  role.client_flag = false;
  role.key_usage = {"DigitalSignature"};
  return role;
}

}  // namespace

Result<std::shared_ptr<net::TlsServerContext>> make_tls_context(
    ca::Service& ca, const std::vector<std::string>& names, const Clock& clock) {
  const auto issuer = TRY(ca.authority(pki_scope(), "default"));
  const auto key = TRY(crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}));
  policy::IssueRequest request;
  for (const std::string& name : names) {
    (x509::parse_ip(name) ? request.ip_sans : request.alt_names).push_back(name);
  }
  request.generated_key = key.public_key();
  // Short of the lifetime where the authority itself expires sooner.
  const TimePoint now = clock.now();
  const seconds left = issuer->certificate().not_after() - now;
  request.ttl = std::min(kLifetime, left);
  auto decision = TRY(policy::evaluate(access::system_grant(pki_scope()), own_role(), request,
                                       issuer->facts({kLifetime, kLifetime}), now));
  auto staged = TRY(ca.issue(std::move(decision.authorization), issuer, {}));
  const Receipt receipt = TRY(staged.submit(ca.store().committer()).wait(OnLane::outside_server()));

  net::TlsServerOptions options;
  options.chain = {to_bytes(staged.release(receipt).certificate.der()),
                   issuer->record().certificate};
  options.private_key = TRY(key.to_pkcs8());
  return net::TlsServerContext::create(options);
}

}  // namespace chancery::server
