#include <algorithm>
#include <set>

#include "access/grant_event.h"
#include "base/text.h"
#include "base/uuid.h"
#include "ca/authority_directory.h"
#include "ca/chains.h"
#include "ca/hierarchy.h"
#include "ca/mount_change.h"
#include "ca/revoker.h"
#include "ca/status_settings.h"
#include "x509/certificate_builder.h"
#include "x509/csr.h"

// The issuers' half of Hierarchy.
namespace chancery::ca {
namespace {

std::unexpected<Error> refuse(Code code, std::string detail, std::string_view field) {
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("field", field));
}

// What was deleted can be imported again from its event.
std::vector<record::Detail> deletion_details(const AuthorityRecord& record) {
  return {{"name", record.name}, {"certificate", base64(record.certificate)}};
}

// With whom a new issuer shares its status.
void tell_status(const MountChange& mount, const std::string& id, record::Event& told) {
  const std::string status = identity_of(mount.identities(), id).id;
  if (status != id) told.details.push_back({"status_id", status});
}

bool may_sign_crls(const x509::Certificate& certificate) {
  const auto usage = certificate.key_usage();
  return usage && usage->has(x509::KeyUsageBit::kCrlSign);
}

// A certificate that says nothing of CRLs is not to sign any.
Usage usage_of(const x509::Certificate& certificate) {
  Usage usage = Usage::all();
  if (!may_sign_crls(certificate)) usage.remove(Usage::kCrlSigning);
  return usage;
}

Result<std::vector<std::string>> resolve_chain(const MountChange& mount, const std::string& own_id,
                                               const std::vector<std::string>& references) {
  if (references.size() > 10) {
    return refuse(Code::kTooLarge, "a chain has at most 10 certificates", "manual_chain");
  }
  std::vector<std::string> ids;
  for (const std::string& reference : references) {
    auto found = mount.authority(reference == "self" ? own_id : reference);
    if (!found) return std::unexpected(std::move(found).error().with("field", "manual_chain"));
    if (ids.empty() && found->id != own_id) {
      return refuse(Code::kInvalidArgument,
                    "expected first cert in chain to be a self-reference, but was: " + reference +
                        "/" + found->id,
                    "manual_chain");
    }
    ids.push_back(found->id);
  }
  return ids;
}

Result<void> check_usage(const AuthorityRecord& record, const x509::Certificate& certificate) {
  if (record.usage.has(Usage::kCrlSigning) && !may_sign_crls(certificate)) {
    return refuse(Code::kRefused,
                  "This issuer's underlying certificate lacks the CRLSign KeyUsage value; unable "
                  "to set CRLSigningUsage on this issuer as a result.",
                  "usage");
  }
  if (record.revoked && record.usage.has(Usage::kIssuing)) {
    return refuse(Code::kRefused,
                  "This issuer was revoked; unable to modify its usage to include certificate "
                  "signing again. Reissue this certificate (preferably with a new key) and modify "
                  "that entry instead.",
                  "usage");
  }
  return {};
}

std::string_view family(crypto::KeyType type) {
  switch (type.algorithm) {
    case crypto::KeyAlgorithm::kRsa:
      return "RSA";
    case crypto::KeyAlgorithm::kEcdsaP256:
    case crypto::KeyAlgorithm::kEcdsaP384:
    case crypto::KeyAlgorithm::kEcdsaP521:
      return "ECDSA";
    case crypto::KeyAlgorithm::kEd25519:
      return "Ed25519";
    default:
      return "MLDSA";
  }
}

// As Go writes a signature algorithm, for Vault's clients.
std::string go_name(crypto::SignatureScheme scheme) {
  using enum crypto::SignatureScheme;
  switch (scheme) {
    case kRsaPkcs1Sha256:
      return "SHA256-RSA";
    case kRsaPkcs1Sha384:
      return "SHA384-RSA";
    case kRsaPkcs1Sha512:
      return "SHA512-RSA";
    case kRsaPssSha256:
      return "SHA256-RSAPSS";
    case kRsaPssSha384:
      return "SHA384-RSAPSS";
    case kRsaPssSha512:
      return "SHA512-RSAPSS";
    case kEcdsaSha256:
      return "ECDSA-SHA256";
    case kEcdsaSha384:
      return "ECDSA-SHA384";
    case kEcdsaSha512:
      return "ECDSA-SHA512";
    default:
      return std::string(crypto::name(scheme));
  }
}

Result<void> apply(const IssuerChange& wanted, const MountChange& mount,
                   const x509::Certificate& certificate, AuthorityRecord& record) {
  if (wanted.name) {
    TRY(mount.check_issuer_name(*wanted.name, record.id));
    record.name = *wanted.name;
  }
  if (wanted.not_after_behavior) record.not_after_behavior = *wanted.not_after_behavior;
  if (wanted.usage) {
    record.usage = *wanted.usage;
    TRY(check_usage(record, certificate));
  }
  if (wanted.revocation_scheme) {
    const auto key = TRY(certificate.public_key());
    const auto& scheme = *wanted.revocation_scheme;
    if (scheme && !crypto::fits(key.type().algorithm, *scheme)) {
      return refuse(Code::kInvalidArgument,
                    "unable to use issuer of type " + std::string(family(key.type())) +
                        " to sign with " + go_name(*scheme) + " key type",
                    "revocation_signature_algorithm");
    }
    record.revocation_scheme = scheme;
  }
  if (wanted.ocsp_delegated) record.ocsp_delegated = *wanted.ocsp_delegated;
  if (wanted.delegate_validity) {
    if (*wanted.delegate_validity) TRY(check_delegate_validity(**wanted.delegate_validity));
    record.delegate_validity = *wanted.delegate_validity;
  }
  apply(wanted.urls, record.urls);
  TRY(check_urls(record.urls));
  if (wanted.manual_chain) {
    record.manual_chain = TRY(resolve_chain(mount, record.id, *wanted.manual_chain));
  }
  return {};
}

}  // namespace

Result<Staged<std::shared_ptr<const Authority>>> Hierarchy::change_issuer(
    const access::Grant& grant, std::string_view ref, const IssuerChange& change,
    std::string_view request_id) {
  MountChange mount = TRY(begin(grant.scope()));
  AuthorityRecord record = TRY(mount.authority(ref));
  const auto certificate = TRY(x509::Certificate::parse(BytesView(record.certificate)));
  TRY(apply(change, mount, certificate, record));
  const std::string id = record.id;
  record::Event told = event(grant, record::EventKind::kAuthorityChanged, id, request_id);
  told.details = {{"name", record.name}, {"usage", to_string(record.usage)}};
  TRY(mount.put(std::move(record)));
  auto authority = TRY(snapshot(mount, id));
  record::WriteSet writes;
  std::move(mount).finish(writes);
  writes.append(told);
  return Staged<std::shared_ptr<const Authority>>(std::move(authority), std::move(writes));
}

Result<Staged<Hierarchy::Deleted>> Hierarchy::delete_issuer(const access::Grant& grant,
                                                            std::string_view ref,
                                                            std::string_view request_id) {
  MountChange mount = TRY(begin(grant.scope()));
  const auto record = mount.authority(ref);
  if (!record && record.error().code == Code::kNotFound) return Staged<Deleted>({}, {});
  if (!record) return std::unexpected(record.error());
  Deleted deleted{record->id, mount.defaults.issuer == record->id};
  mount.erase_authority(record->id);
  record::Event told = event(grant, record::EventKind::kAuthorityDeleted, record->id, request_id);
  told.details = deletion_details(*record);
  record::WriteSet writes;
  std::move(mount).finish(writes);
  writes.append(told);
  return Staged<Deleted>(std::move(deleted), std::move(writes));
}

Result<Staged<Hierarchy::IssuerRevoked>> Hierarchy::revoke_issuer(const access::Grant& grant,
                                                                  std::string_view ref,
                                                                  std::string_view request_id) {
  MountChange mount = TRY(begin(grant.scope()));
  AuthorityRecord record = TRY(mount.authority(ref));
  const std::string id = record.id;
  if (record.revoked) {
    return Staged<IssuerRevoked>({TRY(snapshot(mount, id)), true, true}, {});
  }
  const TimePoint now = clock_.now();
  const auto certificate = TRY(x509::Certificate::parse(BytesView(record.certificate)));
  record::WriteSet writes;
  std::set<std::string> parents;  // ids of their status: twins have one CRL
  for (const AuthorityRecord& other : mount.authorities()) {
    if (other.id == id || certificate.is_self_issued()) continue;
    const auto above = TRY(x509::Certificate::parse(BytesView(other.certificate)));
    if (!find_parent(certificate, {above})) continue;
    const StatusIdentity status = identity_of(mount.identities(), other.id);
    if (!parents.insert(status.id).second) continue;
    const record::StateReader& state = service_.store().state();
    const RevocationWish wish{};
    const auto before = TRY(find_revocation(state, grant.scope(), status, certificate.serial()));
    if (before && !TRY(may_follow(state, *before, wish, writes))) continue;
    static_cast<void>(write_revocation(
        writes, grant.scope(),
        {other.id, status.id, to_bytes(certificate.serial()), certificate.fingerprint_sha256()},
        wish, {grant.actor(), std::string(request_id), {}}, now, before ? &*before : nullptr));
  }
  record.revoked = now;
  record.usage.remove(Usage::kIssuing);
  TRY(mount.put(std::move(record)));
  IssuerRevoked revoked{TRY(snapshot(mount, id)), false, !parents.empty()};
  std::move(mount).finish(writes);
  writes.append(event(grant, record::EventKind::kAuthorityRevoked, id, request_id));
  return Staged<IssuerRevoked>(std::move(revoked), std::move(writes));
}

Result<Staged<Hierarchy::Created>> Hierarchy::create_root(policy::Authorization authorization,
                                                          AuthorityKey& key, std::string_view name,
                                                          std::string_view request_id) {
  const record::Scope& scope = authorization.scope();
  TRY(service_.may_sign());
  MountChange mount = TRY(begin(scope));
  TRY(mount.check_issuer_name(name, {}));
  AuthorityRecord record;
  record.id = make_uuid(random_);
  record.name = name;
  const record::StateReader& state = service_.store().state();
  const Urls mount_urls = TRY(read_urls(state, scope));
  const Cluster cluster = TRY(read_cluster(state, scope));
  auto filled = fill_in(mount_urls, cluster, record.id);
  if (!filled) {
    Error error = std::move(filled).error();
    error.detail.insert(0, "unable to fetch AIA URL information: ");
    return std::unexpected(std::move(error));
  }
  TRY(keep(key, mount));
  auto [certificate, writes] =
      TRY(service_.self_sign(authorization, *key.signer, *filled, record.id, request_id));
  record.key_id = key.record.id;
  record.certificate = to_bytes(certificate.der());
  record.created = clock_.now();
  record.usage = usage_of(certificate);
  record.revocation_scheme = TRY(certificate.signature_scheme());
  const std::string id = record.id;
  if (mount.defaults.issuer.empty() || mount.defaults.follow_latest_issuer) {
    mount.defaults.issuer = id;
  }
  record::Event told{record::EventKind::kAuthorityCreated,
                     record.created,
                     scope,
                     authorization.actor(),
                     std::string(request_id),
                     id,
                     {{"name", record.name}, {"key", record.key_id}},
                     certificate.fingerprint_sha256()};
  // A new key has signed for nobody yet.
  DeletedIssuers deleted;
  if (!key.made) deleted = TRY(deleted_issuers(service_.store().log(), scope));
  TRY(mount.add(std::move(record), deleted));
  tell_status(mount, id, told);
  Created created{TRY(snapshot(mount, id)), key.record};
  std::move(mount).finish(writes);
  writes.append(told);
  return Staged<Created>(std::move(created), std::move(writes));
}

Result<Staged<Hierarchy::Requested>> Hierarchy::request(const access::Grant& grant,
                                                        AuthorityKey& key,
                                                        const policy::CertificateContent& content,
                                                        bool basic_constraints,
                                                        std::string_view request_id) {
  MountChange mount = TRY(begin(grant.scope()));
  TRY(keep(key, mount));
  const crypto::PublicKey& public_key = key.signer->public_key();
  x509::RequestFields fields;
  const BytesView subject = content.subject.der();
  fields.subject = subject;
  fields.spki = public_key.spki();
  fields.subject_alt_names = content.names;
  if (basic_constraints) fields.basic_constraints = x509::BasicConstraints{true, std::nullopt};
  const Bytes info = TRY(x509::encode_request_info(fields));
  const auto scheme = scheme_for(public_key.type(), content.signature_bits, content.use_pss);
  const Bytes signature = TRY(key.signer->sign(scheme, info));
  Requested requested{x509::assemble(info, scheme, signature), key.record};
  record::Event told =
      event(grant, record::EventKind::kAuthorityRequested, key.record.id, request_id);
  told.details = {{"subject", content.subject.to_string()},
                  {"request_sha256", hex(crypto::sha256(requested.csr))}};
  record::WriteSet writes;
  std::move(mount).finish(writes);
  writes.append(told);
  return Staged<Requested>(std::move(requested), std::move(writes));
}

Result<void> Hierarchy::add_issuer(MountChange& mount, const x509::Certificate& certificate,
                                   const DeletedIssuers& deleted, Imported& imported,
                                   record::WriteSet& writes, const access::Grant& grant,
                                   std::string_view request_id) {
  const KeyRecord* key = mount.key_of(certificate.spki());
  const std::string key_id = key == nullptr ? std::string() : key->id;
  for (AuthorityRecord present : std::vector(mount.authorities())) {
    if (!equal(present.certificate, certificate.der())) continue;
    imported.existing_issuers.push_back(present.id);
    imported.mapping.emplace_back(present.id, key_id);
    if (present.key_id == key_id) return {};
    present.key_id = key_id;
    return mount.put(std::move(present));
  }
  AuthorityRecord record;
  record.id = make_uuid(random_);
  record.key_id = key_id;
  record.certificate = to_bytes(certificate.der());
  record.created = clock_.now();
  record.usage = usage_of(certificate);
  imported.issuers.push_back(record.id);
  imported.mapping.emplace_back(record.id, key_id);
  record::Event told = event(grant, record::EventKind::kAuthorityCreated, record.id, request_id);
  told.details = {
      {"imported", "true"}, {"key", key_id}, {"subject", certificate.subject().to_string()}};
  told.certificate = certificate.fingerprint_sha256();
  const std::string id = record.id;
  TRY(mount.add(std::move(record), deleted));
  tell_status(mount, id, told);
  writes.append(told);
  return {};
}

Result<Staged<Hierarchy::Imported>> Hierarchy::import_bundle(
    const access::Grant& grant, std::span<const x509::Certificate> certificates,
    std::span<const crypto::PrivateKey> keys, std::string_view request_id) {
  MountChange mount = TRY(begin(grant.scope()));
  Imported imported;
  record::WriteSet writes;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    if (certificates[i].is_ca()) continue;
    return refuse(Code::kRefused,
                  "Error parsing issuer " + std::to_string(i) +
                      ": Refusing to import non-CA certificate\n" + certificates[i].to_pem(),
                  "pem_bundle");
  }
  for (const crypto::PrivateKey& key : keys) {
    const BytesView spki = key.public_key().spki();
    if (const KeyRecord* present = mount.key_of(spki)) {
      imported.existing_keys.push_back(present->id);
      continue;
    }
    const auto signer = TRY(keys_.import_key(key));
    KeyRecord record{std::string(signer->key_id()), {}, to_bytes(spki), clock_.now()};
    imported.keys.push_back(record.id);
    record::Event told = event(grant, record::EventKind::kKeyImported, record.id, request_id);
    told.details = {{"type", crypto::to_string(key.type())}};
    writes.append(told);
    if (mount.defaults.key.empty()) mount.defaults.key = record.id;
    TRY(mount.put(std::move(record)));
  }
  const auto deleted = TRY(deleted_issuers(service_.store().log(), grant.scope()));
  for (const x509::Certificate& certificate : certificates) {
    TRY(add_issuer(mount, certificate, deleted, imported, writes, grant, request_id));
  }
  // The keys that came may be those of issuers that were here without.
  for (AuthorityRecord authority : std::vector(mount.authorities())) {
    if (!authority.key_id.empty() || keys.empty()) continue;
    const auto certificate = TRY(x509::Certificate::parse(BytesView(authority.certificate)));
    const KeyRecord* key = mount.key_of(certificate.spki());
    if (key == nullptr) continue;
    authority.key_id = key->id;
    TRY(mount.put(std::move(authority)));
  }
  choose_default(mount, imported);
  (void)TRY(
      directory_.make(mount.scope(), mount.authorities(), mount.defaults, mount.identities()));
  std::move(mount).finish(writes);
  return Staged<Imported>(std::move(imported), std::move(writes));
}

// One new issuer that can issue becomes the default where there is none, or where the latest is to
// be followed; of several nobody can say which.
void Hierarchy::choose_default(MountChange& mount, const Imported& imported) {
  std::vector<std::string> able;
  for (const std::string& id : imported.issuers) {
    const auto found = std::ranges::find(mount.authorities(), id, &AuthorityRecord::id);
    if (!found->key_id.empty()) able.push_back(id);
  }
  const bool wanted = mount.defaults.issuer.empty() || mount.defaults.follow_latest_issuer;
  if (wanted && able.size() == 1) mount.defaults.issuer = able.front();
}

Result<Staged<std::vector<std::string>>> Hierarchy::erase_all(const access::Grant& grant,
                                                              std::string_view request_id) {
  MountChange mount = TRY(begin(grant.scope()));
  record::WriteSet writes;
  std::vector<std::string> key_ids;
  for (const AuthorityRecord& record : std::vector(mount.authorities())) {
    mount.erase_authority(record.id);
    record::Event told = event(grant, record::EventKind::kAuthorityDeleted, record.id, request_id);
    told.details = deletion_details(record);
    writes.append(told);
  }
  for (const KeyRecord& record : std::vector(mount.keys())) {
    mount.erase_key(record.id);
    writes.append(event(grant, record::EventKind::kKeyDeleted, record.id, request_id));
    key_ids.push_back(record.id);
  }
  mount.defaults = Defaults{{}, {}, mount.defaults.follow_latest_issuer};
  std::move(mount).finish(writes);
  return Staged<std::vector<std::string>>(std::move(key_ids), std::move(writes));
}

}  // namespace chancery::ca
