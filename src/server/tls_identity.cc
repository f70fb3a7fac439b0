#include "server/tls_identity.h"

#include <algorithm>

#include "access/principal.h"
#include "crypto/private_key.h"
#include "policy/evaluate.h"
#include "server/node.h"

namespace chancery::server {
namespace {

constexpr seconds kLifetime{90LL * 86'400};
constexpr seconds kFirstRetry{60};
constexpr seconds kSlowestRetry{3600};

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

policy::IssueRequest request_for(const std::vector<std::string>& names,
                                 const crypto::PrivateKey& key, seconds ttl) {
  policy::IssueRequest request;
  for (const std::string& name : names) {
    (x509::parse_ip(name) ? request.ip_sans : request.alt_names).push_back(name);
  }
  request.generated_key = key.public_key();
  request.ttl = ttl;
  return request;
}

}  // namespace

OwnCertificate::OwnCertificate(ca::Service& ca, const Clock& clock, Metrics& metrics, Log& log)
    : ca_(ca),
      clock_(clock),
      log_(log),
      expiry_(metrics.gauge("chancery_tls_certificate_expiry_timestamp_seconds",
                            "When the server's own certificate ends (POSIX time)")),
      renewals_(metrics.counter("chancery_tls_certificate_installed_total",
                                "Own certificates put to use, the first one included")),
      failures_(metrics.counter("chancery_tls_certificate_renewal_failures_total",
                                "Renewals of the own certificate that failed")) {}

Result<OwnCertificate::Made> OwnCertificate::make(const std::vector<std::string>& names) {
  const auto issuer = TRY(ca_.authority(pki_scope(), "default"));
  const auto key = TRY(crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}));
  // Short of the lifetime where the authority itself expires sooner.
  const TimePoint now = clock_.now();
  const seconds lifetime = std::min<seconds>(kLifetime, issuer->certificate().not_after() - now);
  auto decision = TRY(policy::evaluate(access::system_grant(pki_scope()), own_role(),
                                       request_for(names, key, lifetime),
                                       issuer->facts({kLifetime, kLifetime}), now));
  auto staged = TRY(ca_.issue(std::move(decision.authorization), issuer, {}));
  // Whoever calls this serves no connection, so it may wait.
  const Receipt receipt =
      TRY(staged.submit(ca_.store().committer()).wait(OnLane::outside_server()));
  const auto certificate = staged.release(receipt).certificate;

  Made made;
  made.names = names;
  made.authority = issuer->id();
  made.not_after = certificate.not_after();
  made.renew_at = now + (made.not_after - now) * 2 / 3;
  made.tls.chain = {to_bytes(certificate.der()), issuer->record().certificate};
  // Whoever trusts the root has it; what stands between is the server's to send.
  for (const Bytes& above : issuer->record().chain) {
    if (TRY(x509::Certificate::parse(above)).is_self_issued()) break;
    made.tls.chain.push_back(above);
  }
  made.tls.private_key = TRY(key.to_pkcs8());
  // Logins by certificate need to see one; nobody has to have one.
  made.tls.request_client_certificate = true;
  return made;
}

Result<void> OwnCertificate::install(Made made) {
  const std::scoped_lock lock(mutex_);
  return install_locked(std::move(made));
}

Result<void> OwnCertificate::install_locked(Made made) {
  if (context_) {
    TRY(context_->replace_certificate(made.tls.chain, made.tls.private_key));
  } else {
    context_ = TRY(net::TlsServerContext::create(made.tls));
  }
  names_ = std::move(made.names);
  authority_ = std::move(made.authority);
  not_after_ = made.not_after;
  renew_at_ = made.renew_at;
  retry_at_ = {};
  back_off_ = seconds{0};
  expiry_.set(to_unix(not_after_));
  renewals_.add();
  log_.info("own certificate in use",
            {{"not_after", rfc3339(not_after_)}, {"renewal", rfc3339(renew_at_)}});
  return {};
}

std::shared_ptr<net::TlsServerContext> OwnCertificate::context() const {
  const std::scoped_lock lock(mutex_);
  return context_;
}

bool OwnCertificate::due(TimePoint now) const {
  if (now >= not_after_) return true;
  const auto authority = ca_.authority(pki_scope(), "default");
  if (!authority) return false;  // said elsewhere: the server is not ready
  if ((*authority)->id() != authority_) return true;
  // Near the authority's own end a new certificate would not last longer.
  return now >= renew_at_ && (*authority)->certificate().not_after() > not_after_;
}

void OwnCertificate::tend() {
  const std::scoped_lock lock(mutex_);
  const TimePoint now = clock_.now();
  if (!context_ || now < retry_at_ || !due(now)) return;
  auto made = make(names_);
  if (!made) return failed(made.error(), now);
  if (auto installed = install_locked(*std::move(made)); !installed) failed(installed.error(), now);
}

void OwnCertificate::failed(const Error& error, TimePoint now) {
  failures_.add();
  back_off_ = back_off_ == seconds{0} ? kFirstRetry : std::min(back_off_ * 2, kSlowestRetry);
  retry_at_ = now + back_off_;
  log_.error("cannot renew the server's own certificate", {{"not_after", rfc3339(not_after_)},
                                                           {"next_try", rfc3339(retry_at_)},
                                                           {"detail", error.to_string()}});
}

}  // namespace chancery::server
