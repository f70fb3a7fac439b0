#include "access/tokens.h"

#include <algorithm>

#include "access/mounts.h"
#include "access/networks.h"
#include "base/text.h"

namespace chancery::access {
namespace {

constexpr std::string_view kPrefix = "chs.";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxSecretSize = 512;
// How far a token's makers are followed; create keeps chains shorter.
constexpr unsigned kMaxGenerations = 32;

std::string random_hex(Random& random, std::size_t size) {
  Bytes bytes(size);
  random.fill(bytes);
  return hex(bytes);
}

std::unexpected<Error> unauthenticated() {
  return fail(Code::kUnauthenticated, "permission denied");
}

std::unexpected<Error> refuse(std::string_view what, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::string(what), {}, {}}.with("field", field));
}

// short_duration writes a duration as Vault's warnings do: "90s", "5m", "1h30m".
std::string short_duration(seconds duration) {
  const auto total = duration.count();
  std::string out;
  if (total >= 3600) out += std::to_string(total / 3600) + "h";
  if (total % 3600 >= 60) out += std::to_string(total % 3600 / 60) + "m";
  if (total % 60 > 0 || out.empty()) out += std::to_string(total % 60) + "s";
  return out;
}

// clean makes a list of policies as Vault stores it: lower case, sorted, each once.
std::vector<std::string> clean(std::vector<std::string> policies, bool with_default) {
  for (std::string& policy : policies) policy = to_lower(trim(policy));
  std::erase(policies, "");
  const bool root = std::ranges::find(policies, kRootPolicy) != policies.end();
  if (with_default && !root) policies.emplace_back(kDefaultPolicy);
  std::ranges::sort(policies);
  const auto [first, last] = std::ranges::unique(policies);
  policies.erase(first, last);
  return policies;
}

bool is_subset(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::ranges::all_of(part, [&](const std::string& one) {
    return one == kDefaultPolicy || std::ranges::find(whole, one) != whole.end();
  });
}

record::Event token_event(record::EventKind kind, std::string_view actor, const Token& token,
                          std::string_view request_id, TimePoint now) {
  record::Event event;
  event.kind = kind;
  event.time = now;
  event.actor = actor;
  event.request_id = request_id;
  event.subject = token.accessor;  // never the token, nor its hash
  event.details.push_back({"display_name", token.display_name});
  event.details.push_back({"policies", join(token.policies, ",")});
  event.details.push_back({"path", token.path});
  return event;
}

}  // namespace

NewToken make_root_token(TimePoint now, Random& random) {
  SecretBytes bytes(kSecretBytes);
  random.fill(bytes.mutable_view());
  NewToken made;
  made.secret = std::string(kPrefix) + base64(bytes.view(), Base64::kUrl);
  made.token.accessor = random_hex(random, 12);
  made.token.display_name = kRootPolicy;
  made.token.policies = {std::string(kRootPolicy)};
  made.token.created = now;
  made.token.path = "auth/token/root";
  made.key = token_key(made.secret);
  return made;
}

void add_token(record::WriteSet& writes, const NewToken& made) {
  writes.put(accessor_key(made.token.accessor), to_bytes(made.key.id));
  if (made.token.uses > 0) {
    record::StateChange count;
    count.operation = record::StateChange::Operation::kAdd;
    count.key = uses_key(made.key.id);
    count.delta = made.token.uses;
    writes.changes.push_back(std::move(count));
  }
  writes.put(made.key, encode(made.token));
}

Tokens::Tokens(record::Store& store, Policies& policies, const Clock& clock, Random& random,
               std::size_t cache_capacity)
    : store_(store),
      policies_(policies),
      clock_(clock),
      random_(random),
      cache_(
          record::StateKind::kToken, store.state(),
          [](const record::StateRow& row) { return decode_token(row.value); }, cache_capacity) {
  store.committer().observe(cache_);
}

bool Tokens::source_lives(const Token& token) const {
  return token.source.empty() || mounts_ == nullptr || mounts_->by_storage(token.source) != nullptr;
}

// alive says whether a token authenticates: neither it nor any that made it is expired or gone.
Result<bool> Tokens::alive(const Token& token, TimePoint now) {
  if (token.released || token.expired(now) || !source_lives(token)) return false;
  std::string parent = token.parent;
  for (unsigned generation = 0; !parent.empty(); ++generation) {
    if (generation == kMaxGenerations) return false;
    const auto maker = TRY(cache_.find(token_row(parent)));
    if (!maker) return false;
    if (maker->released) return true;
    if (maker->expired(now) || !source_lives(*maker)) return false;
    parent = maker->parent;
  }
  return true;
}

Result<Authenticated> Tokens::authenticate(std::string_view secret, std::string_view peer_address) {
  if (secret.empty() || secret.size() > kMaxSecretSize) return unauthenticated();
  auto key = token_key(secret);
  auto token = TRY(cache_.find(key));
  if (!token || !TRY(alive(*token, clock_.now())) || !is_within(token->bound_cidrs, peer_address))
    return unauthenticated();
  Authenticated caller;
  caller.principal = {"root", token->display_name, token->accessor, token->policies, nullptr};
  caller.principal.acl = TRY(policies_.acl(caller.principal.tenant, token->policies));
  caller.id = std::move(key.id);
  caller.token = std::move(token);
  return caller;
}

record::WriteSet Tokens::spend(const Authenticated& caller) {
  record::WriteSet writes;
  record::Precondition left;
  left.test = record::Precondition::Test::kCounterAtLeast;
  left.key = uses_key(caller.id);
  left.operand = 1;
  writes.preconditions.push_back(left);
  record::StateChange count;
  count.operation = record::StateChange::Operation::kAdd;
  count.key = left.key;
  count.delta = -1;
  writes.changes.push_back(std::move(count));
  return writes;
}

// plan turns an order into a token without secret: times and policies within the bounds.
Token Tokens::plan(const Order& order, std::vector<std::string>& warnings) const {
  Token token;
  token.display_name = order.display_name;
  token.policies = clean(order.policies, !order.no_default_policy);
  token.created = clock_.now();
  token.path = order.path;
  token.metadata = order.metadata;
  token.period = order.period;
  token.explicit_max_ttl = order.explicit_max_ttl;
  token.uses = order.uses;
  token.renewable = order.renewable;
  token.role = order.role;
  token.bound_cidrs = order.bound_cidrs;
  token.source = order.source;
  const seconds default_ttl =
      order.default_ttl.count() > 0 ? order.default_ttl : limits_.default_ttl;
  const seconds max_ttl = order.max_ttl.count() > 0 ? order.max_ttl : limits_.max_ttl;
  token.max_ttl = max_ttl;
  seconds ttl = order.period.count() > 0 ? order.period : order.ttl;
  if (ttl.count() == 0 && token.is_root()) {
    // A root token without a wish never expires.
    token.renewable = false;
    return token;
  }
  if (ttl.count() == 0) ttl = default_ttl;
  // Periods have no bound but the explicit one.
  seconds bound = order.period.count() > 0 ? seconds::max() : max_ttl;
  if (order.explicit_max_ttl.count() > 0) bound = std::min(bound, order.explicit_max_ttl);
  if (ttl > bound) {
    const std::string what = order.period.count() > 0 ? "period" : "TTL";
    warnings.push_back(what + " of \"" + short_duration(ttl) +
                       "\" exceeded the effective max_ttl of \"" + short_duration(bound) + "\"; " +
                       what + " value is capped accordingly");
    ttl = bound;
  }
  token.ttl = ttl;
  token.expires = token.created + ttl;
  return token;
}

NewToken Tokens::draw(Token token) {
  NewToken made = make_root_token(token.created, random_);
  token.accessor = made.token.accessor;
  made.token = std::move(token);
  return made;
}

record::Staged<Tokens::Made> Tokens::stage(Made made, std::string_view actor,
                                           std::string_view request_id) const {
  record::WriteSet writes;
  writes.require_absent(made.token.key);
  writes.append(token_event(record::EventKind::kTokenCreated, actor, made.token.token, request_id,
                            made.token.token.created));
  add_token(writes, made.token);
  return {std::move(made), std::move(writes)};
}

Result<record::Staged<Tokens::Made>> Tokens::create(const Grant& grant, const Authenticated& maker,
                                                    bool sudo, Order order,
                                                    std::string_view request_id) {
  const Token& parent = *maker.token;
  sudo = sudo || parent.is_root();
  if (parent.uses > 0)
    return refuse("restricted use token cannot generate child tokens", "num_uses");
  const bool inherits = order.policies.empty();
  if (inherits) order.policies = parent.policies;
  const auto policies = clean(order.policies, false);
  if (!sudo && !order.policies_settled && !is_subset(policies, parent.policies))
    return refuse("child policies must be subset of parent", "policies");
  if (!parent.is_root() && std::ranges::find(policies, kRootPolicy) != policies.end())
    return refuse("root tokens may not be created without parent token being root", "policies");
  if (order.period.count() > 0 && !sudo && !order.period_settled)
    return refuse("root or sudo privileges required to create periodic token", "period");
  for (const std::string& cidr : order.bound_cidrs) {
    if (!parse_network(cidr)) return refuse("not a network: " + printable(cidr), "bound_cidrs");
  }
  // Who has no "default" gives none by inheritance.
  if (inherits && std::ranges::find(parent.policies, kDefaultPolicy) == parent.policies.end())
    order.no_default_policy = true;

  Made made;
  Token token = plan(order, made.warnings);
  if (parent.is_root() && parent.expires && token.is_root() && !token.expires)
    return refuse("expiring root tokens cannot create non-expiring root tokens", "ttl");
  if (!order.orphan) {
    unsigned generations = 1;
    for (std::string above = parent.parent; !above.empty(); ++generations) {
      const auto maker_of = TRY(cache_.find(token_row(above)));
      if (!maker_of || generations == kMaxGenerations) break;
      above = maker_of->parent;
    }
    if (generations >= kMaxGenerations)
      return refuse("too many generations of tokens: make an orphan", "no_parent");
    token.parent = maker.id;
  }
  made.token = draw(std::move(token));
  return stage(std::move(made), grant.actor(), request_id);
}

record::Staged<Tokens::Made> Tokens::login(Order order, std::string_view request_id) {
  // Whatever a method let through.
  std::erase_if(order.policies,
                [](const std::string& policy) { return to_lower(trim(policy)) == kRootPolicy; });
  Made made;
  made.token = draw(plan(order, made.warnings));
  const std::string actor = "login:" + made.token.token.display_name;
  return stage(std::move(made), actor, request_id);
}

Result<Tokens::Found> Tokens::found(std::string id) {
  Found out;
  out.token = TRY(cache_.find(token_row(id)));
  if (!out.token || !TRY(alive(*out.token, clock_.now())))
    return fail(Code::kNotFound, "token not found");
  if (out.token->uses > 0) {
    const auto left = TRY(store_.state().get(uses_key(id)));
    out.uses_left = left ? left->counter : 0;
    if (out.uses_left <= 0) return fail(Code::kNotFound, "token not found");
  }
  if (!out.token->parent.empty()) {
    const auto maker = TRY(cache_.find(token_row(out.token->parent)));
    out.orphan = maker && maker->released;
  }
  out.id = std::move(id);
  return out;
}

Result<Tokens::Found> Tokens::find(std::string_view secret) {
  if (secret.empty() || secret.size() > kMaxSecretSize)
    return fail(Code::kNotFound, "token not found");
  return found(token_key(secret).id);
}

Result<Tokens::Found> Tokens::by_accessor(std::string_view accessor) {
  const auto row = TRY(store_.state().get(accessor_key(accessor)));
  if (!row) return fail(Code::kNotFound, "invalid accessor");
  return found(std::string(as_text(row->value)));
}

Result<std::vector<std::string>> Tokens::accessors(std::string_view after,
                                                   std::size_t limit) const {
  auto rows = TRY(store_.state().list(record::StateKind::kAccessor, {}, after, limit));
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (record::StateRow& row : rows) out.push_back(std::move(row.key.id));
  return out;
}

Result<record::Staged<Tokens::Renewed>> Tokens::renew(const Grant& grant, const Found& found,
                                                      seconds increment,
                                                      std::string_view request_id) {
  const auto row = TRY(store_.state().get(token_row(found.id)));
  if (!row) return fail(Code::kNotFound, "token not found");
  Token token = TRY(decode_token(row->value));
  if (!token.renewable || !token.expires) return refuse("lease is not renewable", "token");
  const TimePoint now = clock_.now();
  Renewed renewed;
  seconds ttl = token.period.count() > 0 ? token.period
                : increment.count() > 0  ? increment
                : token.ttl.count() > 0  ? token.ttl
                                         : limits_.default_ttl;
  // Nothing lives longer than its maximum, counted from its birth; periods have no other bound.
  seconds left = seconds::max();
  const seconds max_ttl = token.max_ttl.count() > 0 ? token.max_ttl : limits_.max_ttl;
  if (token.period.count() == 0) left = token.created + max_ttl - now;
  if (token.explicit_max_ttl.count() > 0)
    left = std::min(left, token.created + token.explicit_max_ttl - now);
  const seconds wanted = ttl;
  if (ttl > left) {
    ttl = std::max(left, seconds{0});
    renewed.warnings.push_back("TTL of \"" + short_duration(wanted) +
                               "\" exceeded the effective max_ttl of \"" + short_duration(ttl) +
                               "\"; TTL value is capped accordingly");
  }
  token.expires = now + ttl;
  token.renewed = now;
  renewed.ttl = ttl;
  renewed.token = found;
  renewed.token.token = std::make_shared<const Token>(token);
  record::WriteSet writes;
  writes.require_version(row->key, row->version);
  writes.append(
      token_event(record::EventKind::kTokenRenewed, grant.actor(), token, request_id, now));
  writes.put(row->key, encode(token));
  return record::Staged<Renewed>(std::move(renewed), std::move(writes));
}

Result<record::Staged<bool>> Tokens::revoke(const Grant& grant, const Found& found,
                                            Children children, std::string_view request_id) {
  const auto row = TRY(store_.state().get(token_row(found.id)));
  if (!row) return record::Staged<bool>(false, {});
  Token token = TRY(decode_token(row->value));
  record::WriteSet writes;
  writes.require_version(row->key, row->version);
  writes.append(token_event(record::EventKind::kTokenRevoked, grant.actor(), token, request_id,
                            clock_.now()));
  writes.erase(accessor_key(token.accessor));
  if (token.uses > 0) writes.erase(uses_key(found.id));
  if (children == Children::kLiveOn) {
    token.released = true;
    writes.put(row->key, encode(token));
  } else {
    writes.erase(row->key);
  }
  return record::Staged<bool>(true, std::move(writes));
}

Result<Tokens::Swept> Tokens::sweep(std::string_view after, std::size_t page) {
  const auto rows = TRY(store_.state().list(record::StateKind::kToken, {}, after, page));
  const TimePoint now = clock_.now();
  Swept swept;
  if (rows.size() == page) swept.next = rows.back().key.id;
  for (const record::StateRow& row : rows) {
    const Token token = TRY(decode_token(row.value));
    // A released token's row has to say that its children live on.
    if (token.released) continue;
    const bool lives = TRY(alive(token, now));
    if (lives) continue;
    swept.writes.require_version(row.key, row.version);
    swept.writes.erase(row.key);
    swept.writes.erase(accessor_key(token.accessor));
    if (token.uses > 0) swept.writes.erase(uses_key(row.key.id));
    ++swept.removed;
  }
  return swept;
}

}  // namespace chancery::access
