#include "ca/hierarchy.h"

#include <algorithm>

#include "access/grant_event.h"
#include "base/text.h"
#include "ca/authority_directory.h"
#include "ca/mount_change.h"

namespace chancery::ca {
namespace {

std::unexpected<Error> refuse(Code code, std::string detail, std::string_view field) {
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("field", field));
}

// absent_is_nothing turns "there is none" into an empty id, for deletions.
template <class T>
Result<std::optional<T>> absent_is_nothing(Result<T> found) {
  if (found) return std::optional<T>(*std::move(found));
  if (found.error().code == Code::kNotFound) return std::nullopt;
  return std::unexpected(std::move(found).error());
}

}  // namespace

record::Event Hierarchy::event(const access::Grant& grant, record::EventKind kind,
                               std::string_view subject, std::string_view request_id) const {
  return access::grant_event(grant, kind, subject, request_id, clock_.now());
}

Result<MountChange> Hierarchy::begin(const record::Scope& scope) const {
  return MountChange::begin(service_.store().state(), scope);
}

Result<std::shared_ptr<const Authority>> Hierarchy::snapshot(const MountChange& change,
                                                             std::string_view id) {
  const auto list = TRY(
      directory_.make(change.scope(), change.authorities(), change.defaults, change.identities()));
  const auto found =
      std::ranges::find_if(list, [&](const auto& authority) { return authority->id() == id; });
  CHANCERY_CHECK(found != list.end());
  return *found;
}

Result<Defaults> Hierarchy::defaults(const record::Scope& scope) const {
  const MountChange change = TRY(begin(scope));
  return change.defaults;
}

Result<std::vector<KeyRecord>> Hierarchy::keys(const record::Scope& scope) const {
  const MountChange change = TRY(begin(scope));
  std::vector<KeyRecord> keys = change.keys();
  std::ranges::sort(keys, {}, &KeyRecord::id);
  return keys;
}

Result<KeyRecord> Hierarchy::key(const record::Scope& scope, std::string_view ref) const {
  const MountChange change = TRY(begin(scope));
  return change.key(ref);
}

Result<Urls> Hierarchy::urls(const record::Scope& scope) const {
  return read_urls(service_.store().state(), scope);
}

Result<Cluster> Hierarchy::cluster(const record::Scope& scope) const {
  return read_cluster(service_.store().state(), scope);
}

Result<Staged<Hierarchy::DefaultsSet>> Hierarchy::set_default_issuer(const access::Grant& grant,
                                                                     std::string_view ref,
                                                                     std::optional<bool> follow,
                                                                     std::string_view request_id) {
  MountChange change = TRY(begin(grant.scope()));
  const AuthorityRecord authority = TRY(change.authority(ref));
  change.defaults.issuer = authority.id;
  if (follow) change.defaults.follow_latest_issuer = *follow;
  DefaultsSet set{change.defaults, !authority.key_id.empty()};
  record::Event told = event(grant, record::EventKind::kSettingsWritten, "issuers", request_id);
  told.details = {{"default", set.defaults.issuer},
                  {"follow_latest", set.defaults.follow_latest_issuer ? "true" : "false"}};
  record::WriteSet writes;
  std::move(change).finish(writes);
  writes.append(told);
  return Staged<DefaultsSet>(std::move(set), std::move(writes));
}

Result<Staged<Hierarchy::DefaultsSet>> Hierarchy::set_default_key(const access::Grant& grant,
                                                                  std::string_view ref,
                                                                  std::string_view request_id) {
  MountChange change = TRY(begin(grant.scope()));
  change.defaults.key = TRY(change.key(ref)).id;
  DefaultsSet set{change.defaults};
  record::Event told = event(grant, record::EventKind::kSettingsWritten, "keys", request_id);
  told.details = {{"default", set.defaults.key}};
  record::WriteSet writes;
  std::move(change).finish(writes);
  writes.append(told);
  return Staged<DefaultsSet>(std::move(set), std::move(writes));
}

namespace {

// replace stages the new value of a settings row.
template <class T>
Result<Staged<T>> replace(const std::optional<record::StateRow>& old, record::StateKey row, T value,
                          const record::Event& told) {
  record::WriteSet writes;
  if (old) {
    writes.require_version(row, old->version);
  } else {
    writes.require_absent(row);
  }
  writes.put(std::move(row), encode(value));
  writes.append(told);
  return Staged<T>(std::move(value), std::move(writes));
}

}  // namespace

void apply(const UrlChange& wanted, Urls& urls) {
  const auto take = [](const auto& from, auto& to) {
    if (from) to = *from;
  };
  take(wanted.issuing_certificates, urls.issuing_certificates);
  take(wanted.crl_distribution_points, urls.crl_distribution_points);
  take(wanted.delta_crl_distribution_points, urls.delta_crl_distribution_points);
  take(wanted.ocsp_servers, urls.ocsp_servers);
  take(wanted.templated, urls.templated);
}

Result<Staged<Urls>> Hierarchy::change_urls(const access::Grant& grant, const UrlChange& change,
                                            std::string_view request_id) {
  record::StateKey row = urls_key(grant.scope());
  const auto old = TRY(service_.store().state().get(row));
  Urls urls;
  if (old) urls = TRY(decode_urls(old->value));
  apply(change, urls);
  TRY(check_urls(urls));
  const auto told = event(grant, record::EventKind::kSettingsWritten, "urls", request_id);
  return replace(old, std::move(row), std::move(urls), told);
}

Result<Staged<Cluster>> Hierarchy::change_cluster(const access::Grant& grant,
                                                  const ClusterChange& change,
                                                  std::string_view request_id) {
  record::StateKey row = cluster_key(grant.scope());
  const auto old = TRY(service_.store().state().get(row));
  Cluster cluster;
  if (old) cluster = TRY(decode_cluster(old->value));
  if (change.path) cluster.path = *change.path;
  if (change.aia_path) cluster.aia_path = *change.aia_path;
  for (const auto& [name, url] :
       {std::pair("path", &cluster.path), std::pair("aia_path", &cluster.aia_path)}) {
    if (url->empty() || is_url(*url)) continue;
    return refuse(
        Code::kInvalidArgument,
        "invalid, non-URL " + std::string(name) + " given to cluster: " + printable(*url, 2048),
        name);
  }
  const auto told = event(grant, record::EventKind::kSettingsWritten, "cluster", request_id);
  return replace(old, std::move(row), std::move(cluster), told);
}

Result<AuthorityKey> Hierarchy::new_key(const record::Scope& scope, crypto::KeyType type,
                                        std::string_view name) const {
  const MountChange change = TRY(begin(scope));
  TRY(change.check_key_name(name, {}));
  AuthorityKey key;
  key.record.name = name;
  key.made = TRY(crypto::PrivateKey::generate(type));
  key.record.spki = to_bytes(key.made->public_key().spki());
  return key;
}

Result<AuthorityKey> Hierarchy::existing_key(const record::Scope& scope,
                                             std::string_view ref) const {
  AuthorityKey key;
  key.record = TRY(this->key(scope, ref));
  key.signer = TRY(keys_.find(key.record.id));
  return key;
}

Result<void> Hierarchy::check_issuer_name(const record::Scope& scope, std::string_view name) const {
  const MountChange change = TRY(begin(scope));
  return change.check_issuer_name(name, {});
}

Result<void> Hierarchy::keep(AuthorityKey& key, MountChange& change) {
  if (key.signer == nullptr) {
    TRY(change.check_key_name(key.record.name, {}));
    key.signer = TRY(keys_.import_key(*key.made));
    key.record.id = key.signer->key_id();
    key.record.created = clock_.now();
  } else if (!key.made) {
    TRY(change.key(key.record.id));  // may be gone since it was found
  }
  if (change.defaults.key.empty()) change.defaults.key = key.record.id;
  return change.put(key.record);
}

Result<Staged<KeyRecord>> Hierarchy::add_key(const access::Grant& grant, AuthorityKey& key,
                                             std::string_view request_id) {
  MountChange change = TRY(begin(grant.scope()));
  TRY(keep(key, change));
  record::Event told = event(grant, record::EventKind::kKeyCreated, key.record.id, request_id);
  told.details = {{"name", key.record.name},
                  {"type", crypto::to_string(key.signer->public_key().type())}};
  record::WriteSet writes;
  std::move(change).finish(writes);
  writes.append(told);
  return Staged<KeyRecord>(key.record, std::move(writes));
}

Result<Staged<Hierarchy::KeyImported>> Hierarchy::import_key(const access::Grant& grant,
                                                             const crypto::PrivateKey& key,
                                                             std::string_view name,
                                                             std::string_view request_id) {
  MountChange change = TRY(begin(grant.scope()));
  TRY(change.check_key_name(name, {}));
  const BytesView spki = key.public_key().spki();
  if (const KeyRecord* present = change.key_of(spki)) {
    return Staged<KeyImported>({*present, true}, {});
  }
  const auto signer = TRY(keys_.import_key(key));
  KeyRecord record{std::string(signer->key_id()), std::string(name), to_bytes(spki), clock_.now()};
  TRY(change.put(record));
  if (change.defaults.key.empty()) change.defaults.key = record.id;
  for (AuthorityRecord authority : std::vector(change.authorities())) {
    const auto certificate = TRY(x509::Certificate::parse(BytesView(authority.certificate)));
    if (!authority.key_id.empty() || !equal(certificate.spki(), spki)) continue;
    authority.key_id = record.id;
    TRY(change.put(std::move(authority)));
  }
  record::Event told = event(grant, record::EventKind::kKeyImported, record.id, request_id);
  told.details = {{"name", record.name}, {"type", crypto::to_string(key.type())}};
  record::WriteSet writes;
  std::move(change).finish(writes);
  writes.append(told);
  return Staged<KeyImported>({std::move(record), false}, std::move(writes));
}

Result<Staged<KeyRecord>> Hierarchy::rename_key(const access::Grant& grant, std::string_view ref,
                                                std::string_view name,
                                                std::string_view request_id) {
  MountChange change = TRY(begin(grant.scope()));
  KeyRecord record = TRY(change.key(ref));
  TRY(change.check_key_name(name, record.id));
  record.name = name;
  TRY(change.put(record));
  record::Event told = event(grant, record::EventKind::kKeyChanged, record.id, request_id);
  told.details = {{"name", record.name}};
  record::WriteSet writes;
  std::move(change).finish(writes);
  writes.append(told);
  return Staged<KeyRecord>(std::move(record), std::move(writes));
}

Result<Staged<Hierarchy::KeyDeleted>> Hierarchy::delete_key(const access::Grant& grant,
                                                            std::string_view ref,
                                                            std::string_view request_id) {
  MountChange change = TRY(begin(grant.scope()));
  const auto record = TRY(absent_is_nothing(change.key(ref)));
  if (!record) return Staged<KeyDeleted>({}, {});
  for (const AuthorityRecord& authority : change.authorities()) {
    if (authority.key_id != record->id) continue;
    return refuse(Code::kRefused, "Failed to Delete Key.  Key in Use by Issuer: " + authority.id,
                  "key_ref");
  }
  KeyDeleted deleted{record->id, change.defaults.key == record->id};
  change.erase_key(record->id);
  record::WriteSet writes;
  std::move(change).finish(writes);
  writes.append(event(grant, record::EventKind::kKeyDeleted, record->id, request_id));
  return Staged<KeyDeleted>(std::move(deleted), std::move(writes));
}

void Hierarchy::destroy(std::span<const std::string> key_ids) {
  for (const std::string& id : key_ids) (void)keys_.destroy(id);
}

}  // namespace chancery::ca
