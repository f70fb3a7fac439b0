#include "access/policies.h"

#include <algorithm>
#include <iterator>

#include "access/grant_event.h"
#include "base/text.h"

namespace chancery::access {
namespace {

constexpr std::size_t kMaxNameSize = 128;

record::StateKey policy_key(std::string_view tenant, std::string_view name) {
  return {record::StateKind::kPolicy, {std::string(tenant), {}}, std::string(name)};
}

Result<Policy> decode_policy(const record::StateRow& row) {
  auto policy = parse_policy(row.key.id, as_text(row.value));
  if (policy) return policy;
  return std::unexpected(
      Error{Code::kDataLoss, "stored policy does not parse", {}, {}}.with("policy", row.key.id));
}

const std::shared_ptr<const Policy>& built_in(std::string_view name) {
  static const std::shared_ptr<const Policy> kNone;
  static const auto kRoot = std::make_shared<const Policy>(
      Policy{.name = std::string(kRootPolicy), .text = {}, .rules = {}});
  static const auto kDefault = std::make_shared<const Policy>(
      parse_policy(std::string(kDefaultPolicy), default_policy_text()).value());
  if (name == kRootPolicy) return kRoot;
  return name == kDefaultPolicy ? kDefault : kNone;
}

std::unexpected<Error> bad_name(std::string_view why) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::string(why), {}, {}}.with("field", "name"));
}

}  // namespace

Policies::Policies(record::Store& store, const Clock& clock, std::size_t cache_capacity)
    : store_(store),
      clock_(clock),
      capacity_(cache_capacity),
      policies_(record::StateKind::kPolicy, store.state(), decode_policy, cache_capacity) {
  store.committer().observe(policies_);
  store.committer().observe(*this);
}

Result<std::shared_ptr<const Policy>> Policies::find(std::string_view tenant,
                                                     std::string_view name) {
  if (name == kRootPolicy) return built_in(name);
  auto stored = TRY(policies_.find(policy_key(tenant, name)));
  return stored ? std::move(stored) : built_in(name);
}

Result<std::vector<std::string>> Policies::list(std::string_view tenant) const {
  constexpr std::size_t kPage = 1000;
  std::vector<std::string> names{std::string(kDefaultPolicy), std::string(kRootPolicy)};
  std::string after;
  while (true) {
    const auto rows = TRY(
        store_.state().list(record::StateKind::kPolicy, {std::string(tenant), {}}, after, kPage));
    for (const record::StateRow& row : rows) names.push_back(row.key.id);
    if (rows.size() < kPage) break;
    after = rows.back().key.id;
  }
  std::ranges::sort(names);
  const auto [first, last] = std::ranges::unique(names);
  names.erase(first, last);
  return names;
}

record::WriteSet Policies::change(const Grant& grant, record::EventKind kind,
                                  const std::string& name, std::string_view text,
                                  std::string_view request_id) const {
  record::Event event = grant_event(grant, kind, name, request_id, clock_.now());
  event.scope.mount.clear();
  if (!text.empty()) event.details.push_back({"policy", std::string(text)});
  record::WriteSet writes;
  writes.append(event);
  return writes;
}

Result<record::Staged<Policies::Written>> Policies::put(const Grant& grant, std::string_view name,
                                                        std::string_view text,
                                                        std::string_view request_id) {
  const std::string lower = to_lower(name);
  if (lower.empty() || lower.size() > kMaxNameSize) return bad_name("not a policy name");
  // The second is the policy of wrapping tokens elsewhere; nobody should take one of that name for
  // it.
  if (lower == kRootPolicy || lower == "response-wrapping")
    return bad_name("cannot update \"" + lower + "\" policy");
  Written written;
  written.policy = TRY(parse_policy(lower, text, &written.warnings));
  auto key = policy_key(grant.scope().tenant, lower);
  const auto old = TRY(store_.state().get(key));
  auto writes = change(grant, record::EventKind::kPolicyWritten, lower, text, request_id);
  if (old) {
    writes.require_version(key, old->version);
  } else {
    writes.require_absent(key);
  }
  writes.put(std::move(key), to_bytes(text));
  return record::Staged<Written>(std::move(written), std::move(writes));
}

Result<record::Staged<bool>> Policies::erase(const Grant& grant, std::string_view name,
                                             std::string_view request_id) {
  const std::string lower = to_lower(name);
  if (lower == kRootPolicy) return bad_name("cannot delete \"root\" policy");
  if (lower == kDefaultPolicy) return bad_name("cannot delete default policy");
  auto key = policy_key(grant.scope().tenant, lower);
  const auto old = TRY(store_.state().get(key));
  if (!old) return record::Staged<bool>(false, {});
  auto writes = change(grant, record::EventKind::kPolicyDeleted, lower, {}, request_id);
  writes.require_version(key, old->version);
  writes.erase(std::move(key));
  return record::Staged<bool>(true, std::move(writes));
}

Result<std::shared_ptr<const Acl>> Policies::acl(std::string_view tenant,
                                                 std::span<const std::string> names) {
  std::string key(tenant);
  for (const std::string& name : names) key.append(1, '\0').append(name);
  std::uint64_t generation = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = acls_.find(key); it != acls_.end()) return it->second;
    generation = generation_;
  }
  std::vector<std::shared_ptr<const Policy>> found;
  for (const std::string& name : names) {
    auto policy = TRY(find(tenant, name));
    if (policy) found.push_back(std::move(policy));
  }
  auto acl = Acl::compile(found);
  const std::scoped_lock lock(mutex_);
  // A policy changed between the reading and now: this one time only.
  if (generation != generation_) return acl;
  if (acls_.size() >= capacity_) acls_.clear();
  acls_.emplace(std::move(key), acl);
  return acl;
}

void Policies::committed(std::span<const record::CommittedSet> batch) {
  const bool changed = std::ranges::any_of(batch, [](const record::CommittedSet& committed) {
    return std::ranges::any_of(committed.set->changes, [](const record::StateChange& change) {
      return change.key.kind == record::StateKind::kPolicy;
    });
  });
  if (!changed) return;
  const std::scoped_lock lock(mutex_);
  ++generation_;
  acls_.clear();
}

}  // namespace chancery::access
