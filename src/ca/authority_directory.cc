#include "ca/authority_directory.h"

#include <algorithm>

namespace chancery::ca {
namespace {

constexpr std::size_t kMaxAuthorities = 1000;

std::string list_name(const record::Scope& scope) { return scope.tenant + '\0' + scope.mount; }

}  // namespace

Result<std::shared_ptr<const AuthorityDirectory::List>> AuthorityDirectory::list(
    const record::Scope& scope) {
  const std::string name = list_name(scope);
  std::uint64_t generation = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = lists_.find(name); it != lists_.end()) return it->second;
    generation = generation_;
  }
  auto list = TRY(load(scope));
  const std::scoped_lock lock(mutex_);
  // A commit since the read may have changed this very list.
  if (generation == generation_) lists_[name] = list;
  return list;
}

Result<std::shared_ptr<const AuthorityDirectory::List>> AuthorityDirectory::load(
    const record::Scope& scope) {
  std::optional<Defaults> defaults;
  if (const auto row = TRY(reader_.get(defaults_key(scope)))) {
    defaults = TRY(decode_defaults(row->value));
  }
  const auto rows = TRY(reader_.list(record::StateKind::kAuthority, scope, {}, kMaxAuthorities));
  std::vector<AuthorityRecord> records;
  records.reserve(rows.size());
  for (const record::StateRow& row : rows) records.push_back(TRY(decode_authority(row.value)));
  return std::make_shared<const List>(TRY(make(scope, std::move(records), defaults)));
}

Result<AuthorityDirectory::List> AuthorityDirectory::make(const record::Scope& scope,
                                                          std::vector<AuthorityRecord> records,
                                                          const std::optional<Defaults>& defaults) {
  const Urls urls = TRY(read_urls(reader_, scope));
  const Cluster cluster = TRY(read_cluster(reader_, scope));
  auto chains = TRY(find_chains(records, signatures_));
  List list;
  for (std::size_t i = 0; i < records.size(); ++i) {
    AuthorityRecord& record = records[i];
    if (defaults) record.is_default = record.id == defaults->issuer;
    record.chain = std::move(chains[i]);
    std::shared_ptr<const keys::Signer> key;
    if (!record.key_id.empty()) key = TRY(signer(record.key_id));
    auto filled = fill_in(record.urls.empty() ? urls : record.urls, cluster, record.id);
    list.push_back(
        TRY(Authority::make(scope, std::move(record), std::move(key), std::move(filled))));
  }
  std::ranges::stable_partition(
      list, [](const auto& authority) { return authority->record().is_default; });
  return list;
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
  lists_.erase(list_name(key.scope));
  // The signer of a key that was erased; others are found again.
  if (key.kind == kKey) signers_.erase(key.id);
}

}  // namespace chancery::ca
