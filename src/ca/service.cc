#include "ca/service.h"

#include <algorithm>

#include "ca/authority_directory.h"
#include "ca/clock_watch.h"
#include "ca/crl_publisher.h"
#include "ca/crl_rows.h"
#include "ca/crl_signer.h"
#include "ca/crl_watch.h"
#include "ca/hierarchy.h"
#include "ca/issuer_index.h"
#include "ca/mass_revocation.h"
#include "ca/ocsp_responder.h"
#include "ca/plan.h"
#include "ca/revoker.h"
#include "ca/tidier.h"
#include "ca/unlisted.h"
#include "x509/crl.h"
#include "x509/verify.h"

namespace chancery::ca {
namespace {

// The only cell there is; more cells each get a number of their own (docs/architecture.md).
constexpr std::uint8_t kCell = 0x01;

// How far another machine's clock may be ahead.
constexpr seconds kImportTolerance{300};

record::Event issuance_event(const policy::Authorization& authorization, std::string_view issuer_id,
                             const x509::Certificate& certificate, TimePoint now,
                             std::string_view request_id) {
  const policy::CertificateContent& content = authorization.content();
  record::Event event{record::EventKind::kCertificateIssued,
                      now,
                      authorization.scope(),
                      authorization.actor(),
                      std::string(request_id),
                      hex(certificate.serial()),
                      {{"issuer", std::string(issuer_id)}, {"profile", content.profile}},
                      certificate.fingerprint_sha256()};
  if (content.no_store) {
    // The DER goes; what an auditor asks for stays.
    event.details.push_back({"subject", content.subject.to_string()});
    event.details.push_back({"not_after", rfc3339(content.not_after)});
  }
  return event;
}

// check_issuer says whether an authority can issue now, and what a certificate takes from it.
Result<PlanIssuer> check_issuer(const Authority& issuer,
                                const policy::CertificateContent& content) {
  if (issuer.signer() == nullptr) {
    return std::unexpected(
        Error{Code::kUnavailable, "the authority's key is not kept here", {}, {}}.with(
            "authority", issuer.id()));
  }
  TRY(issuer.may(Usage::kIssuing));
  if (!issuer.urls()) return std::unexpected(issuer.urls().error());
  return plan_issuer(issuer, content);
}

}  // namespace

struct Service::State {
  State(Service& service, const Dependencies& d)
      : keys(d.keys),
        clock(d.clock),
        random(d.random),
        log(d.log),
        clock_watch(d.clock_watch),
        directory(d.store.state(), d.keys),
        issuers(directory),
        gate(d.store.state()),
        settings(d.store, d.clock),
        crls(d.store, settings, gate, d.clock, d.log),
        delegates(service, directory, settings, d.clock, d.log),
        ocsp(directory, settings, delegates, d.store, d.clock, d.log),
        hierarchy(service, directory, d.keys, d.clock, d.random),
        revoker(d.store, directory, settings, d.clock),
        tidier(d.store, directory, crls, d.clock, d.log),
        mass_revocation(d.store, directory, service.blocked_keys(), d.clock, d.random, d.log),
        crl_watch(service, d.clock) {
    d.store.committer().observe(directory);
    d.store.committer().observe(issuers);
    d.store.committer().observe(gate);
    d.store.committer().observe(crls);
  }

  keys::KeyStore& keys;
  const Clock& clock;
  Random& random;
  Log& log;
  ClockWatch* const clock_watch;
  AuthorityDirectory directory;
  IssuerIndex issuers;
  SigningGate gate;
  StatusSettingsStore settings;
  CrlPublisher crls;
  OcspDelegates delegates;
  OcspResponder ocsp;
  Hierarchy hierarchy;
  Revoker revoker;
  Tidier tidier;
  MassRevocation mass_revocation;
  CrlWatch crl_watch;
};

Service::Service(const Dependencies& dependencies)
    : store_(dependencies.store),
      blocked_keys_(dependencies.store, dependencies.clock),
      weak_keys_(dependencies.weak_keys),
      state_(std::make_unique<State>(*this, dependencies)) {}

Service::~Service() = default;

Result<std::shared_ptr<const Authority>> Service::authority(const record::Scope& scope,
                                                            std::string_view ref) {
  return state_->directory.find(scope, ref);
}

Result<std::vector<std::shared_ptr<const Authority>>> Service::authorities(
    const record::Scope& scope) {
  const auto list = TRY(state_->directory.list(scope));
  return *list;
}

Result<void> Service::check_key(const record::Scope& scope, const crypto::PublicKey& key,
                                record::WriteSet& writes) const {
  if (weak_keys_) TRY(crypto::check_weak_key_list(*weak_keys_, key));
  return blocked_keys_.check(scope, key, writes);
}

Result<Linted> Service::plan_and_lint(const record::Scope& scope,
                                      const policy::CertificateContent& content,
                                      const Authority& issuer, const PlanIssuer& plan_from,
                                      record::WriteSet& writes) const {
  TRY(check_key(scope, *content.public_key, writes));
  const Bytes serial = make_serial(kCell, content.not_after, state_->random);
  Bytes tbs = TRY(plan_with(content, plan_from, serial));
  return lint_or_refuse(std::move(tbs), content, plan_from, issuer.public_key().type().algorithm);
}

Result<std::vector<std::string>> Service::rehearse(const record::Scope& scope,
                                                   const policy::CertificateContent& content,
                                                   const Authority& issuer) const {
  TRY(may_issue());
  record::WriteSet never;
  const PlanIssuer plan_from = TRY(check_issuer(issuer, content));
  return TRY(plan_and_lint(scope, content, issuer, plan_from, never)).warnings;
}

Result<Staged<Issued>> Service::issue(policy::Authorization authorization,
                                      std::shared_ptr<const Authority> issuer,
                                      std::string_view request_id) {
  if (authorization.actor() != access::kSystemActor) TRY(may_issue());
  const policy::CertificateContent& content = authorization.content();
  record::WriteSet writes;
  const PlanIssuer plan_from = TRY(check_issuer(*issuer, content));
  auto planned = TRY(plan_and_lint(authorization.scope(), content, *issuer, plan_from, writes));
  const Bytes signature = TRY(issuer->signer()->sign(plan_from.scheme, planned.certificate.tbs()));
  auto certificate = TRY(std::move(planned.certificate).finish(plan_from.scheme, signature));

  writes.append(
      issuance_event(authorization, issuer->id(), certificate, state_->clock.now(), request_id),
      content.no_store ? Bytes{} : to_bytes(certificate.der()));
  if (content.no_store) {
    auto mark = unlisted_mark(authorization.scope(), issuer->status().id, certificate.serial());
    if (mark && !TRY(store_.state().get(*mark))) writes.put(*std::move(mark), {});
  }
  const bool stored = !content.no_store;
  return Staged<Issued>(
      {std::move(issuer), std::move(certificate), std::move(planned.warnings), stored},
      std::move(writes));
}

Result<Service::SelfSigned> Service::self_sign(const policy::Authorization& authorization,
                                               const keys::Signer& signer, const Urls& urls,
                                               std::string_view issuer_id,
                                               std::string_view request_id) {
  if (authorization.actor() != access::kSystemActor) TRY(may_issue());
  const policy::CertificateContent& content = authorization.content();
  record::WriteSet writes;
  TRY(check_key(authorization.scope(), signer.public_key(), writes));
  const crypto::KeyType type = signer.public_key().type();
  const Bytes serial = make_serial(kCell, content.not_after, state_->random);
  const auto scheme = scheme_for(type, content.signature_bits, content.use_pss);
  const BytesView name = content.subject.der();
  const auto key_id = x509::key_identifier(signer.public_key());
  PlanIssuer self;
  self.name = name;
  self.key_identifier = BytesView(key_id);
  self.scheme = scheme;
  self.urls = &urls;
  Bytes tbs = TRY(plan_with(content, self, serial));
  auto planned = TRY(lint_or_refuse(std::move(tbs), content, self, type.algorithm));
  const Bytes signature = TRY(signer.sign(scheme, planned.certificate.tbs()));
  auto certificate = TRY(std::move(planned.certificate).finish(scheme, signature));
  TRY(x509::verify_signed_by(certificate, certificate));
  writes.append(
      issuance_event(authorization, issuer_id, certificate, state_->clock.now(), request_id),
      to_bytes(certificate.der()));
  return SelfSigned{std::move(certificate), std::move(writes)};
}

Result<Staged<Issued>> Service::create_root(policy::Authorization authorization,
                                            std::shared_ptr<const keys::Signer> signer,
                                            AuthorityRecord record) {
  auto [certificate, writes] = TRY(self_sign(authorization, *signer, {}, record.id, {}));

  record.key_id = std::string(signer->key_id());
  record.certificate = to_bytes(certificate.der());
  record.is_default = true;
  record.created = state_->clock.now();
  auto authority = TRY(Authority::make(authorization.scope(), record, std::move(signer)));

  const record::StateKey key = authority_key(authorization.scope(), record.id);
  writes.require_absent(key);
  writes.put(key, encode(record));
  writes.append({record::EventKind::kAuthorityCreated,
                 record.created,
                 authorization.scope(),
                 authorization.actor(),
                 {},
                 record.id,
                 {{"name", record.name}},
                 certificate.fingerprint_sha256()});
  return Staged<Issued>({std::move(authority), std::move(certificate), {}}, std::move(writes));
}

Result<Staged<AuthorityRecord>> Service::add_authority(const access::Grant& grant,
                                                       AuthorityRecord record) {
  std::shared_ptr<const keys::Signer> signer;
  if (!record.key_id.empty()) signer = TRY(state_->keys.find(record.key_id));
  record.created = state_->clock.now();
  const auto authority = TRY(Authority::make(grant.scope(), record, std::move(signer)));

  record::WriteSet writes;
  const record::StateKey key = authority_key(grant.scope(), record.id);
  writes.require_absent(key);
  writes.put(key, encode(record));
  writes.append({record::EventKind::kAuthorityCreated,
                 record.created,
                 grant.scope(),
                 grant.actor(),
                 {},
                 record.id,
                 {{"name", record.name}},
                 authority->certificate().fingerprint_sha256()});
  return Staged<AuthorityRecord>(std::move(record), std::move(writes));
}

Result<StoredCertificate> Service::find(const record::Scope& scope, BytesView serial) {
  auto row = TRY(store_.index().find_by_serial(scope, serial));
  if (!row) {
    return std::unexpected(
        Error{Code::kNotFound, "no certificate with this serial number", {}, {}}.with(
            "serial", hex(serial, ':')));
  }
  auto stored = TRY(store_.log().get(row->log_index));
  auto revoked = TRY(revocation(scope, row->issuer_id, serial));
  return StoredCertificate{*std::move(row), std::move(stored.entry.certificate), revoked};
}

Result<std::optional<Revocation>> Service::revocation(const record::Scope& scope,
                                                      std::string_view issuer_id,
                                                      BytesView serial) {
  const auto status = TRY(state_->directory.status(scope, issuer_id));
  const auto row = TRY(find_revocation(store_.state(), scope, *status, serial));
  if (!row) return std::nullopt;
  return TRY(decode_revocation(row->value));
}

Result<Staged<Service::Revoked>> Service::revoke(const access::Grant& grant, BytesView serial,
                                                 const RevocationWish& wish,
                                                 std::string_view request_id) {
  return state_->revoker.by_serial(grant, serial, wish, request_id);
}

Result<Staged<Service::Revoked>> Service::revoke_certificate(const access::Grant& grant,
                                                             const x509::Certificate& certificate,
                                                             const RevocationWish& wish,
                                                             std::string_view request_id) {
  return state_->revoker.by_certificate(grant, certificate, wish, request_id);
}

Result<Staged<Revocation>> Service::release(const access::Grant& grant, BytesView serial,
                                            std::string_view request_id) {
  return state_->revoker.release(grant, serial, request_id);
}

MassRevocation& Service::mass_revocation() { return state_->mass_revocation; }

Result<std::vector<Bytes>> Service::list_revoked(const record::Scope& scope, BytesView after,
                                                 std::size_t limit) {
  return state_->revoker.list(scope, after, limit);
}

Result<std::shared_ptr<const Bytes>> Service::crl(const std::shared_ptr<const Authority>& authority,
                                                  const OnLane* on_lane) {
  const auto published = TRY(published_crl(authority, CrlKind::kComplete, on_lane));
  if (!published) return nullptr;
  const CrlContent& der = published->der;
  return der.memory() ? der.memory() : std::make_shared<const Bytes>(to_bytes(der.view()));
}

Result<std::shared_ptr<const PublishedCrl>> Service::published_crl(
    const std::shared_ptr<const Authority>& authority, CrlName name, const OnLane* on_lane) {
  const auto signer = TRY(status_signer_of(authority));
  if (signer->signer() != nullptr && !signer->may(Usage::kCrlSigning)) {
    TRY(authority->may(Usage::kCrlSigning));
    TRY(signer->may(Usage::kCrlSigning));
  }
  return state_->crls.current(*signer, name, on_lane);
}

Result<bool> Service::is_outdated(const std::shared_ptr<const Authority>& authority, CrlName name) {
  return state_->crls.is_outdated(*TRY(status_signer_of(authority)), name);
}

Result<std::shared_ptr<const Authority>> Service::status_signer_of(
    const std::shared_ptr<const Authority>& authority) {
  // As of now: whoever asks may hold a snapshot of before a twin came.
  const auto status = TRY(state_->directory.status(authority->scope(), authority->id()));
  const auto all = TRY(state_->directory.list(authority->scope()));
  auto signer = status_signer(*all, *status);
  return signer ? signer : authority;  // it has just been deleted
}

Result<void> Service::rotate_crls(const record::Scope& scope, CrlKind kind, const OnLane& on_lane) {
  const auto list = TRY(state_->directory.list(scope));
  for (const auto& authority : *list) {
    if (status_signer(*list, authority->status()) == authority)
      TRY(state_->crls.rotate(*authority, kind, on_lane));
  }
  return {};
}

Result<Staged<Bytes>> Service::sign_crl(const access::Grant& grant, const Authority& authority,
                                        const CrlOrder& order, std::string_view request_id) {
  TRY(state_->gate.check());
  return ca::sign_crl(grant, authority, order, state_->clock.now(), request_id);
}

CrlWatch& Service::crl_watch() { return state_->crl_watch; }

Tidier& Service::tidier() { return state_->tidier; }

StatusSettingsStore& Service::status_settings() { return state_->settings; }

Result<Staged<Bytes>> Service::import_crl(const access::Grant& grant, const Authority& authority,
                                          Bytes der) {
  const auto all = TRY(state_->directory.list(grant.scope()));
  if (const auto signer = status_signer(*all, authority.status()); signer && signer->signer()) {
    return std::unexpected(Error{
        Code::kRefused,
        "this authority's key is here, so it makes its CRLs itself",
        {},
        {}}.with("rule", "crl_made_here"));
  }
  const auto crl = TRY(x509::CertificateList::parse(BytesView(der)));
  if (!x509::matches(crl.issuer(), authority.certificate().subject())) {
    return fail(Code::kRefused, "the CRL is of another issuer: " + crl.issuer().to_string());
  }
  TRY(crl.verify_signature(authority.public_key()));
  if (!crl.next_update()) return fail(Code::kRefused, "the CRL has no nextUpdate");
  // What is given out in the place of the authority's CRL has to cover all of its certificates.
  if (crl.is_delta() || crl.scope())
    return fail(Code::kRefused, "the CRL is a delta or covers a part of the certificates only");
  if (crl.this_update() > state_->clock.now() + kImportTolerance)
    return fail(Code::kRefused, "the CRL is from the future: " + rfc3339(crl.this_update()));
  CrlState state{0, crl.this_update(), *crl.next_update(), {}};
  if (const auto number = crl.number()) {
    if (number->size() > 8) return fail(Code::kUnsupported, "the CRL number does not fit 64 bits");
    for (const std::uint8_t byte : *number) state.number = state.number << 8 | byte;
  }
  const record::StateKey key = crl_key(grant.scope(), authority.status().id);
  const LastCrl last = TRY(read_last_crl(store_.state(), authority, {}));
  // Of twins, which have each imported their own, the highest number counts.
  const std::uint64_t before = last.row ? last.used : last.state.number;
  if ((last.row || !last.state.imported.empty()) && before >= state.number) {
    return fail(Code::kRefused,
                "a CRL with number " + std::to_string(before) + " was imported before");
  }
  state.imported = der;
  record::WriteSet writes;
  last.row ? writes.require_version(key, last.row->version) : writes.require_absent(key);
  writes.put(key, encode(state));
  writes.append({record::EventKind::kCrlPublished,
                 state_->clock.now(),
                 grant.scope(),
                 grant.actor(),
                 {},
                 authority.id(),
                 {{"imported", "true"},
                  {"number", std::to_string(state.number)},
                  {"size", std::to_string(der.size())}},
                 {}});
  return Staged<Bytes>(std::move(der), std::move(writes));
}

OcspAnswer Service::ocsp(const record::Scope& scope, BytesView request, bool may_block) {
  return state_->ocsp.respond(scope, request, may_block);
}

OcspAnswer Service::ocsp_anywhere(const MountTable& mounts, BytesView request, bool may_block) {
  IssuerIndex& issuers = state_->issuers;
  if (!issuers.ready() && !may_block) return {};
  // Mounts that cannot be read have no part in this; whoever asks about theirs comes again.
  static_cast<void>(issuers.refresh(mounts));
  std::optional<record::Scope> scope;
  if (const auto parsed = x509::OcspRequest::parse(request)) {
    for (const x509::CertId& id : parsed->cert_ids) {
      if (!scope) scope = issuers.by_certificate(mounts, id);
    }
  }
  // A request about nobody's certificate has no scope, and every scope says the same of it.
  if (!scope) scope = issuers.any(mounts);
  return state_->ocsp.respond(scope.value_or(record::Scope{}), request, may_block);
}

Result<std::shared_ptr<const Authority>> Service::authority_anywhere(const MountTable& mounts,
                                                                     std::string_view id,
                                                                     bool may_block) {
  IssuerIndex& issuers = state_->issuers;
  if (!issuers.ready() && !may_block) return nullptr;
  auto refreshed = issuers.refresh(mounts);
  const auto scope = issuers.by_id(mounts, id);
  if (!scope && !refreshed) return std::unexpected(std::move(refreshed).error());
  if (!scope) return fail(Code::kNotFound, "no such issuer");
  return state_->directory.find(*scope, id);
}

void Service::tend_ocsp(const record::Scope& scope, const OnLane& on_lane) {
  state_->delegates.tend(scope, on_lane);
}

Hierarchy& Service::hierarchy() { return state_->hierarchy; }

Result<void> Service::may_sign() const { return state_->gate.check(); }

Result<void> Service::may_issue() const {
  TRY(state_->gate.check());
  return state_->clock_watch != nullptr ? state_->clock_watch->check() : Result<void>{};
}

Result<std::optional<Restoration>> Service::restoration() const {
  const auto row = TRY(store_.state().get(restoration_key()));
  if (!row) return std::nullopt;
  return TRY(decode_restoration(row->value));
}

Result<Staged<Restoration>> Service::confirm_restore(const access::Grant& grant,
                                                     std::string_view request_id) {
  const auto row = TRY(store_.state().get(restoration_key()));
  if (!row) return fail(Code::kNotFound, "this store was not restored from a backup");
  auto restoration = TRY(decode_restoration(row->value));
  if (restoration.confirmed()) return Staged<Restoration>(std::move(restoration), {});
  restoration.confirmed_at = state_->clock.now();
  restoration.confirmed_by = grant.actor();
  record::WriteSet writes;
  writes.require_version(restoration_key(), row->version);
  writes.put(restoration_key(), encode(restoration));
  writes.append({record::EventKind::kRestoreConfirmed,
                 *restoration.confirmed_at,
                 grant.scope(),
                 grant.actor(),
                 std::string(request_id),
                 restoration.lost_store_id,
                 {{"backup_time", rfc3339(restoration.backup_time)}},
                 {}});
  return Staged<Restoration>(std::move(restoration), std::move(writes));
}

}  // namespace chancery::ca
