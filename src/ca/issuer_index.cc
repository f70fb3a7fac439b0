#include "ca/issuer_index.h"

#include <algorithm>
#include <tuple>

namespace chancery::ca {
namespace {

std::string name_of(const record::Scope& scope) { return scope.tenant + '\0' + scope.mount; }

// Hashes have other lengths than ids have, and than each other.
std::string name_of(BytesView name_hash, BytesView key_hash) {
  return std::string(as_text(name_hash)).append(as_text(key_hash));
}

std::vector<std::string> names_of(const Authority& authority) {
  const x509::IssuerHashes& hashes = authority.hashes();
  return {authority.id(), name_of(hashes.name_sha1, hashes.key_sha1),
          name_of(hashes.name_sha256, hashes.key_sha256)};
}

}  // namespace

bool IssuerIndex::ready() const {
  const std::scoped_lock lock(mutex_);
  return ready_;
}

Result<void> IssuerIndex::refresh(const MountTable& mounts) {
  {
    const std::scoped_lock lock(mutex_);
    if (ready_ && changed_.empty()) return {};
  }
  // Whoever finds something to read waits until it was read: nobody sees less than a commit left.
  const std::scoped_lock reading(refreshing_);
  decltype(changed_) wanted;
  {
    const std::scoped_lock lock(mutex_);
    wanted = changed_;
    if (!ready_) {
      for (const record::Scope& scope : mounts.all()) wanted[name_of(scope)] = {scope, generation_};
    }
  }
  Result<void> done;
  for (const auto& [name, change] : wanted) {
    const auto& [scope, generation] = change;
    const auto list = directory_.list(scope);
    const std::scoped_lock lock(mutex_);
    if (!list) {
      // The next one tries again.
      changed_.try_emplace(name, change);
      done = std::unexpected(list.error());
      continue;
    }
    apply(scope, **list);
    const auto it = changed_.find(name);
    if (it != changed_.end() && it->second.second == generation) changed_.erase(it);
  }
  const std::scoped_lock lock(mutex_);
  ready_ = true;
  return done;
}

void IssuerIndex::apply(const record::Scope& scope, const AuthorityDirectory::List& list) {
  forget(scope);
  Names& names = names_[name_of(scope)];
  for (const auto& authority : list) {
    const bool without_key = authority->signer() == nullptr;
    if (!without_key) with_keys_[name_of(scope)] = scope;
    for (std::string& name : names_of(*authority)) {
      auto& places = places_[name];
      const auto order = [](const Place& place) {
        return std::tie(place.without_key, place.scope.mount);
      };
      Place place{without_key, scope};
      places.insert(std::ranges::upper_bound(places, order(place), {}, order), std::move(place));
      names.push_back(std::move(name));
    }
  }
  if (names.empty()) names_.erase(name_of(scope));
}

void IssuerIndex::forget(const record::Scope& scope) {
  const std::string mount = name_of(scope);
  with_keys_.erase(mount);
  const auto it = names_.find(mount);
  if (it == names_.end()) return;
  for (const std::string& name : it->second) {
    const auto places = places_.find(name);
    if (places == places_.end()) continue;
    std::erase_if(places->second, [&](const Place& place) { return place.scope == scope; });
    if (places->second.empty()) places_.erase(places);
  }
  names_.erase(it);
}

std::optional<record::Scope> IssuerIndex::find(const MountTable& mounts,
                                               const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto it = places_.find(name);
  if (it == places_.end()) return std::nullopt;
  for (const Place& place : it->second) {
    if (mounts.has(place.scope)) return place.scope;
  }
  return std::nullopt;
}

std::optional<record::Scope> IssuerIndex::by_certificate(const MountTable& mounts,
                                                         const x509::CertId& id) const {
  if (!id.hash) return std::nullopt;
  return find(mounts, name_of(id.issuer_name_hash, id.issuer_key_hash));
}

std::optional<record::Scope> IssuerIndex::by_id(const MountTable& mounts,
                                                std::string_view id) const {
  return find(mounts, std::string(id));
}

std::optional<record::Scope> IssuerIndex::any(const MountTable& mounts) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, scope] : with_keys_) {
    if (mounts.has(scope)) return scope;
  }
  return std::nullopt;
}

void IssuerIndex::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      const auto kind = change.key.kind;
      if (kind != record::StateKind::kAuthority && kind != record::StateKind::kKey) continue;
      const std::scoped_lock lock(mutex_);
      changed_[name_of(change.key.scope)] = {change.key.scope, ++generation_};
    }
  }
}

}  // namespace chancery::ca
