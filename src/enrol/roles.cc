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

Result<policy::Role> parse(const record::StateRow& row) {
  policy::Role role = TRY(policy::parse_role(row.value));
  role.name = row.key.id;
  return role;
}

Result<policy::CompiledProfile> decode_role(const record::StateRow& row) {
  return policy::compile(TRY(parse(row)));
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

Result<std::optional<Roles::Stored>> Roles::read(const record::Scope& scope,
                                                 std::string_view name) const {
  const auto row = TRY(store_.state().get(role_key(scope, name)));
  if (!row) return std::nullopt;
  return Stored{TRY(parse(*row)), row->version};
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

struct Roles::Prepared {
  Written written;
  record::StateKey key;
  record::WriteSet writes;  // the conditions, so far
};

Result<Roles::Prepared> Roles::prepare(const record::Scope& scope, policy::Role role,
                                       ExpectedVersion expected) const {
  std::vector<std::string> warnings = TRY(check(scope, role));
  Prepared prepared{.written = {}, .key = role_key(scope, role.name), .writes = {}};
  const auto old = TRY(store_.state().get(prepared.key));
  TRY(expect(prepared.writes, prepared.key, old, expected, "role"));
  prepared.written = {std::move(role), std::move(warnings), old ? old->version + 1 : 1};
  return prepared;
}

Result<Roles::Written> Roles::preview(const record::Scope& scope, policy::Role role,
                                      ExpectedVersion expected) const {
  auto prepared = TRY(prepare(scope, std::move(role), expected));
  return std::move(prepared.written);
}

Result<ca::Staged<Roles::Written>> Roles::put(const access::Grant& grant, policy::Role role,
                                              std::string_view request_id,
                                              ExpectedVersion expected) {
  auto prepared = TRY(prepare(grant.scope(), std::move(role), expected));
  const policy::Role& checked = prepared.written.role;
  Bytes document = policy::encode(checked);
  record::Event event = access::grant_event(grant, record::EventKind::kRoleWritten, checked.name,
                                            request_id, clock_.now());
  event.details.push_back({"role", std::string(as_text(document))});
  prepared.writes.append(event);
  prepared.writes.put(std::move(prepared.key), std::move(document));
  return ca::Staged<Written>(std::move(prepared.written), std::move(prepared.writes));
}

Result<ca::Staged<Roles::Erased>> Roles::erase(const access::Grant& grant, std::string_view name,
                                               std::string_view request_id,
                                               ExpectedVersion expected) {
  record::StateKey key = role_key(grant.scope(), name);
  const auto old = TRY(store_.state().get(key));
  record::WriteSet writes;
  if (!old && !expected) return ca::Staged<Erased>(Erased::kWasAbsent, std::move(writes));
  TRY(expect(writes, key, old, expected, "role"));
  writes.append(
      access::grant_event(grant, record::EventKind::kRoleDeleted, name, request_id, clock_.now()));
  writes.erase(std::move(key));
  return ca::Staged<Erased>(Erased::kErased, std::move(writes));
}

}  // namespace chancery::enrol
