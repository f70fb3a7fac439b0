#include "ca/authority_directory.h"

#include <algorithm>
#include <tuple>

namespace chancery::ca {
namespace {

constexpr std::size_t kMaxAuthorities = 1000;

std::string mount_name(const record::Scope& scope) { return scope.tenant + '\0' + scope.mount; }

}  // namespace

Result<std::shared_ptr<const AuthorityDirectory::Mount>> AuthorityDirectory::mount(
    const record::Scope& scope) {
  const std::string name = mount_name(scope);
  std::uint64_t generation = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = mounts_.find(name); it != mounts_.end()) return it->second;
    generation = generation_;
  }
  auto mount = TRY(load(scope));
  const std::scoped_lock lock(mutex_);
  // A commit since the read may have changed this very mount.
  if (generation == generation_) mounts_[name] = mount;
  return mount;
}

Result<std::shared_ptr<const AuthorityDirectory::List>> AuthorityDirectory::list(
    const record::Scope& scope) {
  auto found = TRY(mount(scope));
  const List* const list = &found->list;
  return std::shared_ptr<const List>(std::move(found), list);
}

Result<std::shared_ptr<const StatusIdentity>> AuthorityDirectory::status(
    const record::Scope& scope, std::string_view issuer_id) {
  const auto found = TRY(mount(scope));
  if (const auto it = found->identities.find(issuer_id); it != found->identities.end())
    return it->second;
  return std::make_shared<const StatusIdentity>(StatusIdentity{std::string(issuer_id)});
}

Result<std::shared_ptr<const AuthorityDirectory::Mount>> AuthorityDirectory::load(
    const record::Scope& scope) {
  std::optional<Defaults> defaults;
  if (const auto row = TRY(reader_.get(defaults_key(scope)))) {
    defaults = TRY(decode_defaults(row->value));
  }
  const auto rows = TRY(reader_.list(record::StateKind::kAuthority, scope, {}, kMaxAuthorities));
  std::vector<AuthorityRecord> records;
  records.reserve(rows.size());
  for (const record::StateRow& row : rows) records.push_back(TRY(decode_authority(row.value)));
  // Read behind the issuers: of one that came meanwhile it must not miss whose twin it is.
  auto stored = TRY(read_status_identities(reader_, scope));
  const auto identities = TRY(unite(std::move(stored), records));
  auto mount = std::make_shared<Mount>();
  for (const StatusIdentity& identity : identities) {
    const auto shared = std::make_shared<const StatusIdentity>(identity);
    mount->identities.emplace(identity.id, shared);
    for (const std::string& id : identity.elders) mount->identities.emplace(id, shared);
    for (const std::string& id : identity.members) mount->identities.emplace(id, shared);
  }
  mount->list = TRY(make(scope, std::move(records), defaults, identities));
  return mount;
}

namespace {

// add_urls adds those of an issuer to those of its status identity.
void add_urls(const Urls& urls, StatusIdentity& status) {
  const auto add = [](const std::vector<std::string>& from, std::vector<std::string>& to) {
    for (const std::string& url : from) {
      if (std::ranges::find(to, url) == to.end()) to.push_back(url);
    }
  };
  add(urls.crl_distribution_points, status.crl_urls);
  add(urls.delta_crl_distribution_points, status.delta_crl_urls);
}

}  // namespace

Result<AuthorityDirectory::List> AuthorityDirectory::make(const record::Scope& scope,
                                                          std::vector<AuthorityRecord> records,
                                                          const std::optional<Defaults>& defaults,
                                                          const StatusIdentities& identities) {
  const Urls urls = TRY(read_urls(reader_, scope));
  const Cluster cluster = TRY(read_cluster(reader_, scope));
  auto chains = TRY(find_chains(records, signatures_));
  std::vector<Result<Urls>> filled;
  std::map<std::string, StatusIdentity> statuses;  // by id
  for (const AuthorityRecord& record : records) {
    filled.push_back(fill_in(record.urls.empty() ? urls : record.urls, cluster, record.id));
    StatusIdentity status = identity_of(identities, record.id);
    const std::string id = status.id;
    StatusIdentity& shared = statuses.try_emplace(id, std::move(status)).first->second;
    if (filled.back()) add_urls(*filled.back(), shared);
  }
  List list;
  for (std::size_t i = 0; i < records.size(); ++i) {
    AuthorityRecord& record = records[i];
    if (defaults) record.is_default = record.id == defaults->issuer;
    record.chain = std::move(chains[i]);
    std::shared_ptr<const keys::Signer> key;
    if (!record.key_id.empty()) key = TRY(signer(record.key_id));
    StatusIdentity status = statuses.at(identity_of(identities, record.id).id);
    list.push_back(TRY(Authority::make(scope, std::move(record), std::move(key),
                                       std::move(filled[i]), std::move(status))));
  }
  std::ranges::stable_partition(
      list, [](const auto& authority) { return authority->record().is_default; });
  return list;
}

std::shared_ptr<const Authority> status_signer(const AuthorityDirectory::List& authorities,
                                               const StatusIdentity& status) {
  // Whichever is the default: another one would sign with other settings.
  const auto rank = [](const Authority& authority) {
    const bool has_key = authority.signer() != nullptr;
    return std::tuple(!has_key, !(has_key && authority.may(Usage::kCrlSigning)),
                      authority.record().created, std::string_view(authority.id()));
  };
  std::shared_ptr<const Authority> first;
  for (const auto& authority : authorities) {
    if (authority->status().id != status.id) continue;
    if (!first || rank(*authority) < rank(*first)) first = authority;
  }
  return first;
}

Result<std::shared_ptr<const keys::Signer>> AuthorityDirectory::signer(const std::string& key_id) {
  std::uint64_t generation = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = signers_.find(key_id); it != signers_.end()) return it->second;
    generation = generation_;
  }
  auto found = TRY(keys_.find(key_id));
  const std::scoped_lock lock(mutex_);
  // A commit since the read may have erased this very key, which is not to stay in memory.
  if (generation != generation_) return found;
  return signers_.emplace(key_id, std::move(found)).first->second;
}

Result<std::shared_ptr<const Authority>> AuthorityDirectory::find(const record::Scope& scope,
                                                                  std::string_view ref) {
  const auto all = TRY(list(scope));
  for (const auto& authority : *all) {
    const AuthorityRecord& record = authority->record();
    if (ref == "default" ? record.is_default
                         : (ref == record.id || (!record.name.empty() && ref == record.name))) {
      return authority;
    }
  }
  return std::unexpected(
      Error{Code::kNotFound, "no such authority", {}, {}}.with("authority", ref));
}

void AuthorityDirectory::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      forget(change.key);
    }
  }
}

void AuthorityDirectory::forget(const record::StateKey& key) {
  using enum record::StateKind;
  if (key.kind != kAuthority && key.kind != kSettings && key.kind != kKey) return;
  const std::scoped_lock lock(mutex_);
  ++generation_;
  mounts_.erase(mount_name(key.scope));
  // The signer of a key that was erased; others are found again.
  if (key.kind == kKey) signers_.erase(key.id);
}

}  // namespace chancery::ca
