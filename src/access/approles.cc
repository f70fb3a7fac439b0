#include "access/approles.h"

#include <algorithm>

#include "access/networks.h"
#include "access/no_root.h"
#include "base/text.h"
#include "base/uuid.h"
#include "crypto/digest.h"

namespace chancery::access {
namespace {

using record::StateKind;

constexpr std::size_t kMaxRoleId = 512;
constexpr std::size_t kMaxSecret = 512;
constexpr std::string_view kInvalid = "invalid role or secret ID";

std::unexpected<Error> refuse(std::string detail, std::string_view field,
                              Code code = Code::kInvalidArgument) {
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("field", field));
}

record::StateKey role_id_key(const record::Scope& scope, std::string_view role_id) {
  return {StateKind::kAppRoleId, scope, hex(crypto::sha256(as_bytes(role_id)))};
}

// The role's own random id is the salt.
std::string secret_hash(const AppRole& role, std::string_view secret) {
  return hex(crypto::sha256(as_bytes(role.id), as_bytes(secret)));
}

record::StateKey secret_key(const record::Scope& scope, std::string_view row_id) {
  return {StateKind::kSecretId, scope, std::string(row_id)};
}

record::StateKey uses_of(const record::Scope& scope, std::string_view row_id) {
  return {StateKind::kCounter, scope, std::string(row_id)};
}

record::StateKey accessor_of(const record::Scope& scope, const AppRole& role,
                             std::string_view accessor) {
  return {StateKind::kSecretIdAccessor, scope, role.id + ":" + std::string(accessor)};
}

void add_uses(record::WriteSet& writes, record::StateKey key, std::int64_t delta) {
  record::StateChange count;
  count.operation = record::StateChange::Operation::kAdd;
  count.key = std::move(key);
  count.delta = delta;
  writes.changes.push_back(std::move(count));
}

void erase_secret(record::WriteSet& writes, const record::Scope& scope, const std::string& role_id,
                  const std::string& row_id, const SecretId& row) {
  writes.erase(secret_key(scope, row_id));
  writes.erase({StateKind::kSecretIdAccessor, scope, role_id + ":" + row.accessor});
  if (row.num_uses > 0) writes.erase(uses_of(scope, row_id));
}

Result<void> check_networks(const std::vector<std::string>& networks, std::string_view words,
                            std::string_view field) {
  for (const std::string& network : networks) {
    if (!x509::Cidr::parse(network))
      return refuse("failed to validate " + std::string(words) +
                        " blocks: invalid CIDR address: " + printable(network),
                    field, Code::kRefused);
  }
  return {};
}

Result<void> check_role(const AppRole& role) {
  TRY(check(role.token));
  TRY(check_networks(role.secret_id_cidrs, "CIDR", "secret_id_bound_cidrs"));
  if (role.role_id.size() > kMaxRoleId) return refuse("role_id is too long", "role_id");
  if (!role.bind_secret_id && role.secret_id_cidrs.empty() && role.token.bound_cidrs.empty())
    return refuse("at least one constraint should be enabled on the role", "bind_secret_id",
                  Code::kRefused);
  return {};
}

}  // namespace

AppRoles::AppRoles(record::Store& store, Tokens& tokens, Lockout& lockout, const Clock& clock,
                   Random& random)
    : store_(store),
      tokens_(tokens),
      lockout_(lockout),
      clock_(clock),
      random_(random),
      roles_(store, clock) {}

Result<record::Staged<AppRole>> AppRoles::put(const Grant& grant, const record::Scope& scope,
                                              std::string_view name, const Change& change,
                                              std::string_view request_id) {
  const std::string lower = to_lower(name);
  return roles_.put(
      grant, scope, lower,
      [&](AppRole& role, Rows<AppRole>::State state, record::WriteSet& writes) -> Result<void> {
        if (state == Rows<AppRole>::State::kNew) role.id = make_uuid(random_);
        const std::string old_id = role.role_id;
        TRY(change(role, state));
        if (role.role_id.empty()) role.role_id = make_uuid(random_);
        TRY(check_role(role));
        if (role.role_id == old_id) return {};
        record::StateKey taken = role_id_key(scope, role.role_id);
        if (TRY(store_.state().get(taken)))
          return refuse("role_id already in use", "role_id", Code::kRefused);
        writes.require_absent(taken);
        if (!old_id.empty()) writes.erase(role_id_key(scope, old_id));
        writes.put(std::move(taken), to_bytes(std::string_view(lower)));
        return {};
      },
      request_id);
}

Result<record::Staged<bool>> AppRoles::erase(const Grant& grant, const record::Scope& scope,
                                             std::string_view name, std::string_view request_id) {
  return roles_.erase(grant, scope, to_lower(name), request_id,
                      [&](const AppRole& role, record::WriteSet& writes) {
                        writes.erase(role_id_key(scope, role.role_id));
                      });
}

Result<record::Staged<AppRoles::MadeSecret>> AppRoles::make_secret(
    const Grant& grant, const record::Scope& scope, std::string_view name, const AppRole& role,
    SecretOrder order, std::string_view request_id) {
  if (!role.bind_secret_id) return refuse("bind_secret_id is not set on the role", "secret_id");
  if (order.secret.size() > kMaxSecret) return refuse("secret_id is too long", "secret_id");
  TRY(check_networks(order.cidrs, "CIDR", "cidr_list"));
  TRY(check_networks(order.token_cidrs, "token CIDR", "token_bound_cidrs"));
  const std::uint32_t uses = order.num_uses.value_or(role.secret_id_num_uses);
  if (role.secret_id_num_uses > 0 && (uses == 0 || uses > role.secret_id_num_uses))
    return refuse("num_uses cannot be higher than the role's secret_id_num_uses", "num_uses");
  const seconds ttl = order.ttl.value_or(role.secret_id_ttl);
  if (role.secret_id_ttl.count() > 0 && (ttl.count() == 0 || ttl > role.secret_id_ttl))
    return refuse("ttl cannot be longer than the role's secret_id_ttl", "ttl");

  MadeSecret made;
  made.secret = order.secret.empty() ? make_uuid(random_) : std::move(order.secret);
  made.row.role = name;
  made.row.accessor = make_uuid(random_);
  made.row.created = clock_.now();
  made.row.num_uses = uses;
  made.row.ttl = ttl;
  if (ttl.count() > 0) made.row.expires = made.row.created + ttl;
  made.row.cidrs = std::move(order.cidrs);
  made.row.token_cidrs = std::move(order.token_cidrs);
  made.row.metadata = std::move(order.metadata);

  const std::string hash = secret_hash(role, made.secret);
  const std::string row_id = role.id + ":" + hash;
  const auto key = secret_key(scope, row_id);
  record::WriteSet writes;
  if (const auto old = TRY(store_.state().get(key))) {
    if (TRY(load(scope, row_id)))
      return refuse("failed to store secret_id: SecretID is already registered", "secret_id",
                    Code::kRefused);
    // A dead one of the same text gives way.
    const SecretId row = TRY(decode_row<SecretId>(old->value));
    writes.require_version(key, old->version);
    erase_secret(writes, scope, role.id, row_id, row);
  } else {
    writes.require_absent(key);
  }
  require_present(writes, Rows<AppRole>::key(scope, name));
  record::Event event =
      grant_event(grant, record::EventKind::kSecretIdCreated, name, request_id, made.row.created);
  event.scope = scope;
  event.details.push_back({"accessor", made.row.accessor});
  writes.append(event);
  writes.put(key, encode_row(made.row));
  writes.put(accessor_of(scope, role, made.row.accessor), to_bytes(std::string_view(hash)));
  if (uses > 0) add_uses(writes, uses_of(scope, row_id), uses);
  return record::Staged<MadeSecret>(std::move(made), std::move(writes));
}

// Reads a secret that still is good.
Result<std::optional<AppRoles::FoundSecret>> AppRoles::load(const record::Scope& scope,
                                                            std::string_view row_id) {
  const auto stored = TRY(store_.state().get(secret_key(scope, row_id)));
  if (!stored) return std::nullopt;
  FoundSecret found;
  found.hash = row_id.substr(row_id.find(':') + 1);
  found.row = TRY(decode_row<SecretId>(stored->value));
  if (found.row.expires && *found.row.expires <= clock_.now()) return std::nullopt;
  if (found.row.num_uses > 0) {
    const auto left = TRY(store_.state().get(uses_of(scope, row_id)));
    if (!left || left->counter <= 0) return std::nullopt;
    found.uses_left = static_cast<std::uint32_t>(left->counter);
  }
  return found;
}

Result<std::optional<AppRoles::FoundSecret>> AppRoles::find_secret(const record::Scope& scope,
                                                                   const AppRole& role,
                                                                   std::string_view secret) {
  return load(scope, role.id + ":" + secret_hash(role, secret));
}

Result<std::optional<AppRoles::FoundSecret>> AppRoles::by_accessor(const record::Scope& scope,
                                                                   const AppRole& role,
                                                                   std::string_view accessor) {
  const auto row = TRY(store_.state().get(accessor_of(scope, role, accessor)));
  if (!row) return std::nullopt;
  return load(scope, role.id + ":" + std::string(as_text(row->value)));
}

Result<std::vector<std::string>> AppRoles::accessors(const record::Scope& scope,
                                                     const AppRole& role, std::size_t limit) const {
  const std::string prefix = role.id + ":";
  const auto rows = TRY(store_.state().list(StateKind::kSecretIdAccessor, scope, prefix, limit));
  std::vector<std::string> out;
  for (const record::StateRow& row : rows) {
    if (!row.key.id.starts_with(prefix)) break;
    out.push_back(row.key.id.substr(prefix.size()));
  }
  return out;
}

record::Staged<bool> AppRoles::destroy(const Grant& grant, const record::Scope& scope,
                                       std::string_view name, const AppRole& role,
                                       const FoundSecret& secret, std::string_view request_id) {
  record::WriteSet writes;
  const std::string row_id = role.id + ":" + secret.hash;
  require_present(writes, secret_key(scope, row_id));
  record::Event event =
      grant_event(grant, record::EventKind::kSecretIdDestroyed, name, request_id, clock_.now());
  event.scope = scope;
  event.details.push_back({"accessor", secret.row.accessor});
  writes.append(event);
  erase_secret(writes, scope, role.id, row_id, secret.row);
  return {true, std::move(writes)};
}

// Who is it, and may they come in from there?
Result<AppRoles::Entered> AppRoles::enter(const Login& login, std::string_view role_id,
                                          std::string_view secret) {
  const record::Scope scope = login.mount.scope();
  const auto name = TRY(store_.state().get(role_id_key(scope, role_id)));
  if (!name) return refuse(std::string(kInvalid), "role_id");
  Entered entered;
  entered.name = as_text(name->value);
  entered.role = TRY(roles_.find(scope, entered.name));
  const AppRole* role = entered.role.get();
  if (role == nullptr || role->role_id != role_id) return refuse(std::string(kInvalid), "role_id");
  if (role->bind_secret_id) {
    if (secret.empty()) return refuse("missing secret_id", "secret_id");
    entered.secret = TRY(find_secret(scope, *role, secret));
    if (!entered.secret) return refuse(std::string(kInvalid), "secret_id");
  }
  if (entered.secret && !is_within(entered.secret->row.cidrs, login.peer_address))
    return refuse("source address \"" + std::string(login.peer_address) +
                      "\" unauthorized through CIDR restrictions on the secret ID: %!w(<nil>)",
                  "secret_id");
  if (!is_within(role->secret_id_cidrs, login.peer_address))
    return refuse("source address \"" + std::string(login.peer_address) +
                      "\" unauthorized by CIDR restrictions on the role: %!w(<nil>)",
                  "role_id");
  // Without a secret the addresses of the tokens are what keeps others out.
  if (!role->bind_secret_id && !is_within(role->token.bound_cidrs, login.peer_address))
    return fail(Code::kUnauthenticated, "permission denied");
  return entered;
}

Result<record::Staged<Tokens::Made>> AppRoles::log_in(const Login& login, std::string_view role_id,
                                                      std::string_view secret) {
  if (role_id.empty()) return refuse("missing role_id", "role_id");
  if (role_id.size() > kMaxRoleId || secret.size() > kMaxSecret)
    return refuse(std::string(kInvalid), "role_id");
  const std::string& place = login.mount.storage;
  TRY(lockout_.check(place, role_id, login.peer_address));
  auto entered = enter(login, role_id, secret);
  if (!entered) {
    const Code code = entered.error().code;
    if (!secret.empty() && (code == Code::kInvalidArgument || code == Code::kUnauthenticated))
      lockout_.failed(place, role_id, login.peer_address);
    return std::unexpected(std::move(entered).error());
  }
  lockout_.succeeded(place, role_id, login.peer_address);

  const record::Scope scope = login.mount.scope();
  const AppRole& role = *entered->role;
  TRY(no_root(role.token));
  Tokens::Order order = login_order(login, role.token, {}, "login");
  if (entered->secret) {
    const SecretId& row = entered->secret->row;
    order.metadata = row.metadata;
    if (!row.token_cidrs.empty()) order.bound_cidrs = row.token_cidrs;
  }
  std::erase_if(order.metadata, [](const auto& pair) { return pair.first == "role_name"; });
  order.metadata.emplace_back("role_name", entered->name);
  std::ranges::sort(order.metadata);
  auto staged = tokens_.login(std::move(order), login.request_id);
  record::WriteSet& writes = staged.writes();
  require_present(writes, Rows<AppRole>::key(scope, entered->name));
  if (!entered->secret) return staged;
  const std::string row_id = role.id + ":" + entered->secret->hash;
  require_present(writes, secret_key(scope, row_id));
  if (entered->secret->row.num_uses == 0) return staged;
  record::Precondition left;
  left.test = record::Precondition::Test::kCounterAtLeast;
  left.key = uses_of(scope, row_id);
  left.operand = 1;
  writes.preconditions.push_back(std::move(left));
  if (entered->secret->uses_left == 1) {
    erase_secret(writes, scope, role.id, row_id, entered->secret->row);
  } else {
    add_uses(writes, uses_of(scope, row_id), -1);
  }
  return staged;
}

Result<AppRoles::Swept> AppRoles::sweep(const record::Scope& scope, std::string_view after,
                                        std::size_t page) {
  const auto rows = TRY(store_.state().list(StateKind::kSecretId, scope, after, page));
  Swept swept;
  if (rows.size() == page) swept.next = rows.back().key.id;
  for (const record::StateRow& stored : rows) {
    const std::string& row_id = stored.key.id;
    const SecretId row = TRY(decode_row<SecretId>(stored.value));
    const auto role = TRY(roles_.find(scope, row.role));
    const bool role_lives = role && row_id.starts_with(role->id + ":");
    if (role_lives && TRY(load(scope, row_id))) continue;
    swept.writes.require_version(stored.key, stored.version);
    erase_secret(swept.writes, scope, row_id.substr(0, row_id.find(':')), row_id, row);
    ++swept.removed;
  }
  return swept;
}

}  // namespace chancery::access
