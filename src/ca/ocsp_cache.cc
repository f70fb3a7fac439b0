#include "ca/ocsp_cache.h"

#include "ca/status_settings.h"

namespace chancery::ca {
namespace {

constexpr char kWithSha1 = '1';
constexpr char kWithSha256 = '2';

// Into a string of the caller's, since a commit can change a thousand certificates.
void name_of_serial(std::string& name, const record::Scope& scope, std::string_view serial) {
  name.assign(scope.tenant).push_back('\0');
  name.append(scope.mount).push_back('\0');
  name.append(serial);
}

// changes_answers says whether a row decides what is said of many certificates, or who says it.
bool changes_answers(const record::StateKey& key) {
  switch (key.kind) {
    case record::StateKind::kAuthority:
    case record::StateKind::kKey:
    case record::StateKind::kTidy:
      return true;
    case record::StateKind::kSettings:
      return key == status_settings_key(key.scope);
    default:
      return false;
  }
}

}  // namespace

OcspCache::OcspCache(record::Committer& committer, std::size_t capacity) : capacity_(capacity) {
  committer.observe(*this);
}

std::string OcspCache::name_of(const record::Scope& scope, const x509::CertId& id) {
  std::string name;
  name_of_serial(name, scope, hex(id.serial));
  name.push_back(id.hash == crypto::DigestAlgorithm::kSha1 ? kWithSha1 : kWithSha256);
  return name;
}

// What may be given out at all.
std::shared_ptr<const OcspCache::Entry> OcspCache::look(const std::string& name, BytesView cert_id,
                                                        TimePoint now) {
  const auto it = map_.find(name);
  if (it == map_.end()) return nullptr;
  const auto& entry = it->second->second;
  // A clock that was set back makes answers of the future.
  if (now < entry->signed_at || now >= entry->valid || !equal(entry->cert_id, cert_id))
    return nullptr;
  order_.splice(order_.begin(), order_, it->second);
  return entry;
}

OcspCache::Found OcspCache::find(const std::string& name, BytesView cert_id, TimePoint now,
                                 bool may_wait) {
  std::unique_lock lock(mutex_);
  auto entry = look(name, cert_id, now);
  if (entry && now < entry->until) return {std::move(entry), std::nullopt};
  if (claimed_.insert(name).second) return {nullptr, Claim(*this, name)};
  if (entry || !may_wait) return {std::move(entry), std::nullopt};
  // Once: an answer that is not kept must not be made by one after the other.
  released_.wait(lock, [&] { return !claimed_.contains(name); });
  return {look(name, cert_id, now), std::nullopt};
}

void OcspCache::release(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  claimed_.erase(name);
  released_.notify_all();
}

std::uint64_t OcspCache::generation() const {
  const std::scoped_lock lock(mutex_);
  return generation_;
}

void OcspCache::put(const std::string& name, std::shared_ptr<const Entry> entry,
                    std::uint64_t generation) {
  const std::scoped_lock lock(mutex_);
  if (generation != generation_) return;
  drop(name);
  order_.emplace_front(name, std::move(entry));
  map_.emplace(name, order_.begin());
  if (map_.size() <= capacity_) return;
  map_.erase(order_.back().first);
  order_.pop_back();
}

void OcspCache::drop(const std::string& name) {
  const auto it = map_.find(name);
  if (it == map_.end()) return;
  order_.erase(it->second);
  map_.erase(it);
}

void OcspCache::committed(std::span<const record::CommittedSet> batch) {
  const std::scoped_lock lock(mutex_);
  std::string name;
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      if (changes_answers(change.key)) {
        ++generation_;
        map_.clear();
        order_.clear();
      } else if (change.key.kind == record::StateKind::kRevocation) {
        ++generation_;
        const std::string_view id(change.key.id);
        name_of_serial(name, change.key.scope, id.substr(id.find(':') + 1));
        for (const char hash : {kWithSha1, kWithSha256}) {
          name.push_back(hash);
          drop(name);
          name.pop_back();
        }
      }
    }
  }
}

}  // namespace chancery::ca
