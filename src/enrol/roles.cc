#include "enrol/roles.h"

#include <algorithm>

#include "access/grant_event.h"

namespace chancery::enrol {
namespace {

constexpr std::size_t kMaxNameSize = 255;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

record::StateKey role_key(const record::Scope& scope, std::string_view name) {
  return {record::StateKind::kRole, scope, std::string(name)};
}

Result<policy::CompiledProfile> decode_role(const record::StateRow& row) {
  policy::Role role = TRY(policy::parse_role(row.value));
  role.name = row.key.id;
  return policy::compile(std::move(role));
}

}  // namespace

bool is_role_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameSize && is_word(name.front()) &&
         is_word(name.back()) &&
         std::ranges::all_of(name, [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

Roles::Roles(record::Store& store, policy::Limits limits, const Clock& clock,
             std::size_t cache_capacity)
    : store_(store),
      limits_(limits),
      clock_(clock),
      cache_(record::StateKind::kRole, store.state(), decode_role, cache_capacity) {
  store.committer().observe(cache_);
}

Result<std::shared_ptr<const policy::Role>> Roles::find(const record::Scope& scope,
                                                        std::string_view name) {
  auto compiled = TRY(cache_.find(role_key(scope, name)));
  const policy::Role* role = compiled ? &compiled->rules() : nullptr;
  return std::shared_ptr<const policy::Role>(std::move(compiled), role);
}

Result<std::shared_ptr<const policy::CompiledProfile>> Roles::find_compiled(
    const record::Scope& scope, std::string_view name) {
  return cache_.find(role_key(scope, name));
}

Result<std::vector<std::string>> Roles::list(const record::Scope& scope, std::string_view after,
                                             std::size_t limit) const {
  auto rows = TRY(store_.state().list(record::StateKind::kRole, scope, after, limit));
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (record::StateRow& row : rows) names.push_back(std::move(row.key.id));
  return names;
}

Result<std::vector<std::string>> Roles::check(const record::Scope& scope,
                                              policy::Role& role) const {
  if (is_role_name(role.name)) return policy::check_role(role, limits(scope));
  return std::unexpected(
      Error{Code::kInvalidArgument, "not a role name", {}, {}}.with("field", "name"));
}

Result<ca::Staged<Roles::Written>> Roles::put(const access::Grant& grant, policy::Role role,
                                              std::string_view request_id) {
  std::vector<std::string> warnings = TRY(check(grant.scope(), role));
  record::StateKey key = role_key(grant.scope(), role.name);
  const auto old = TRY(store_.state().get(key));

  record::WriteSet writes;
  if (old) {
    writes.require_version(key, old->version);
  } else {
    writes.require_absent(key);
  }
  Bytes document = policy::encode(role);
  record::Event event = access::grant_event(grant, record::EventKind::kRoleWritten, role.name,
                                            request_id, clock_.now());
  event.details.push_back({"role", std::string(as_text(document))});
  writes.append(event);
  writes.put(std::move(key), std::move(document));
  return ca::Staged<Written>({std::move(role), std::move(warnings)}, std::move(writes));
}

Result<ca::Staged<Roles::Erased>> Roles::erase(const access::Grant& grant, std::string_view name,
                                               std::string_view request_id) {
  record::StateKey key = role_key(grant.scope(), name);
  const auto old = TRY(store_.state().get(key));
  record::WriteSet writes;
  if (!old) return ca::Staged<Erased>(Erased::kWasAbsent, std::move(writes));
  writes.require_version(key, old->version);
  writes.append(
      access::grant_event(grant, record::EventKind::kRoleDeleted, name, request_id, clock_.now()));
  writes.erase(std::move(key));
  return ca::Staged<Erased>(Erased::kErased, std::move(writes));
}

}  // namespace chancery::enrol
