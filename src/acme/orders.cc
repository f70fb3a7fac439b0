#include "acme/orders.h"

#include <algorithm>

#include "access/grant_event.h"
#include "acme/domain_limit.h"
#include "acme/names.h"
#include "base/text.h"

namespace chancery::acme {
namespace {

constexpr seconds kHour{3600};
constexpr seconds kDay{86'400};
// An authorisation that is about to end is of no use to a new order.
constexpr seconds kLeastLeft{300};

Result<std::optional<Row<Order>>> read_order(const record::StateReader& state,
                                             const record::StateKey& key) {
  const auto row = TRY(state.get(key));
  if (!row) return std::nullopt;
  return Row<Order>{TRY(access::decode_row<Order>(row->value)), row->version};
}

Result<std::optional<Row<Authorization>>> read_authorization(const record::StateReader& state,
                                                             const record::StateKey& key) {
  const auto row = TRY(state.get(key));
  if (!row) return std::nullopt;
  return Row<Authorization>{TRY(access::decode_row<Authorization>(row->value)), row->version};
}

// Ids begin with the time, so that an account's orders stand in their order.
std::string order_id(std::string_view account, TimePoint now, Random& random) {
  const auto at = static_cast<std::uint64_t>(to_unix(now));
  Bytes time(5);
  for (std::size_t i = 0; i < time.size(); ++i)
    time[i] = static_cast<std::uint8_t>(at >> (8 * (time.size() - 1 - i)));
  return std::string(account) + "/" + hex(time) + draw_id(random);
}

// What went wrong with a name, for the order.
Fault fault_of(const Authorization& authorization, Status status) {
  const std::string of = "the authorization for " + authorization.name.text() + " ";
  for (const Challenge& challenge : authorization.challenges) {
    if (challenge.state() == Status::kInvalid && challenge.error)
      return {challenge.error.type, of + "failed: " + challenge.error.detail};
  }
  return {"unauthorized", of + "is " + std::string(name(status))};
}

}  // namespace

Result<OrderView> Orders::view(const record::Scope& scope, std::string id, Row<Order> row) const {
  OrderView view{std::move(id), std::move(row), {}, {}, {}};
  const Order& order = view.row.value;
  view.status = order.stored();
  view.error = order.error;
  if (view.status != Status::kPending) return view;
  const TimePoint now = clock_.now();
  bool all_valid = true;
  for (std::size_t i = 0; i < order.authorizations.size(); ++i) {
    auto found =
        TRY(read_authorization(store_.state(), authorization_key(scope, order.authorizations[i])));
    const Status status = found ? found->value.state(now) : Status::kExpired;
    all_valid = all_valid && status == Status::kValid;
    if (status != Status::kValid && status != Status::kPending && view.status != Status::kInvalid) {
      view.status = Status::kInvalid;
      view.error = found ? fault_of(found->value, status)
                         : Fault{"unauthorized", "the authorization for " +
                                                     order.names.at(i).text() + " is expired"};
    }
    if (found) view.authorizations.push_back(*std::move(found));
  }
  if (view.status == Status::kInvalid) return view;
  if (order.expires <= now) {
    view.status = Status::kInvalid;
    view.error = {"malformed", "the order expired at " + rfc3339(order.expires)};
  } else if (all_valid) {
    view.status = Status::kReady;
  }
  return view;
}

Result<std::optional<OrderView>> Orders::find(const record::Scope& scope,
                                              std::string_view id) const {
  auto row = TRY(read_order(store_.state(), order_key(scope, id)));
  if (!row) return std::nullopt;
  return TRY(view(scope, std::string(id), *std::move(row)));
}

Result<std::optional<AuthorizationView>> Orders::find_authorization(const record::Scope& scope,
                                                                    std::string_view id) const {
  auto row = TRY(read_authorization(store_.state(), authorization_key(scope, id)));
  if (!row) return std::nullopt;
  const Status status = row->value.state(clock_.now());
  return AuthorizationView{std::string(id), *std::move(row), status};
}

Result<std::vector<OrderView>> Orders::list(const record::Scope& scope, std::string_view account,
                                            std::string_view after, std::size_t limit) const {
  const std::string prefix = std::string(account) + "/";
  const auto rows = TRY(store_.state().list(record::StateKind::kAcmeOrder, scope,
                                            after.empty() ? prefix : std::string(after), limit));
  std::vector<OrderView> views;
  for (const record::StateRow& row : rows) {
    if (!row.key.id.starts_with(prefix)) break;
    Row<Order> order{TRY(access::decode_row<Order>(row.value)), row.version};
    views.push_back(TRY(view(scope, row.key.id, std::move(order))));
  }
  return views;
}

Result<std::vector<OrderView>> Orders::list_all(const record::Scope& scope, std::string_view after,
                                                std::size_t limit) const {
  const auto rows = TRY(store_.state().list(record::StateKind::kAcmeOrder, scope, after, limit));
  std::vector<OrderView> views;
  for (const record::StateRow& row : rows) {
    Row<Order> order{TRY(access::decode_row<Order>(row.value)), row.version};
    views.push_back(TRY(view(scope, row.key.id, std::move(order))));
  }
  return views;
}

Result<std::vector<Subproblem>> Orders::check(const LoadedDirectory& directory,
                                              const LoadedAccount& account,
                                              const std::vector<Name>& names) const {
  std::vector<Subproblem> problems;
  const bool skips = directory.row.skip_challenges || account.row.bounds.skip_challenges;
  const auto amiss = [&](const Name& name, std::string_view type, std::string detail) {
    problems.push_back(
        {std::string(type), std::move(detail), name.is_ip() ? "ip" : "dns", name.text()});
  };
  for (const Name& name : names) {
    std::string why = outside(account.row.bounds, name);
    if (why.empty()) why = conduct_.objection(name);
    if (!why.empty())
      amiss(name, "rejectedIdentifier", std::move(why));
    else if (!skips && directory.offered(name).empty())
      amiss(name, "rejectedIdentifier",
            "this directory has no challenge type by which control over " + name.text() +
                " can be shown");
  }
  return problems;
}

Result<void> Orders::spend(const LoadedDirectory& directory, const LoadedAccount& account,
                           const std::vector<Name>& names, record::WriteSet& writes) const {
  const TimePoint now = clock_.now();
  const Directory& row = directory.row;
  const record::Scope scope = directory.scope();
  TRY(check_domains(limits_, row, names, now));
  for (const Name& name : names) {
    const auto stored = TRY(store_.state().get(failures_key(scope, account.id, name)));
    if (!stored) continue;
    const Failures failures = TRY(access::decode_row<Failures>(stored->value));
    if (failures.paused && *failures.paused + row.pause > now) {
      return rate_limited("orders of this account for " + name.text() + " are paused after " +
                              std::to_string(failures.count) +
                              " failures in a row (the last: " + failures.detail +
                              "); the operator can lift it with \"chancery acme "
                              "account unpause\"",
                          *failures.paused + row.pause - now);
    }
  }
  // An account's own: whoever shows no control over a name must not keep its owner from ordering.
  for (const Name& name : names) {
    const Limit limit{limit_key(scope, "order/" + account.id + "/" + name.key()),
                      row.orders_per_name, kHour};
    const seconds wait = TRY(limits_.spend(limit, now, writes));
    if (wait.count() == 0) continue;
    return rate_limited("this account has made " + std::to_string(row.orders_per_name) +
                            " orders for " + name.text() + " within an hour",
                        wait);
  }
  const Limit hourly{limit_key(scope, "orders/" + account.id), row.orders_per_account, kHour};
  if (const seconds wait = TRY(limits_.spend(hourly, now, writes)); wait.count() > 0) {
    return rate_limited("this account has made " + std::to_string(row.orders_per_account) +
                            " orders within an hour",
                        wait);
  }
  const Limit daily{limit_key(scope, "daily/" + account.id), account.row.bounds.orders_per_day,
                    kDay};
  if (const seconds wait = TRY(limits_.spend(daily, now, writes)); wait.count() > 0) {
    return rate_limited("this account may make " +
                            std::to_string(account.row.bounds.orders_per_day) + " orders a day",
                        wait);
  }
  return {};
}

Authorization Orders::make(const LoadedDirectory& directory, const LoadedAccount& account,
                           const Name& asked, std::string_view profile) {
  const TimePoint now = clock_.now();
  Authorization made;
  made.name = asked;
  made.created = now;
  made.profile = profile;
  if (directory.row.skip_challenges || account.row.bounds.skip_challenges) {
    made.become(Status::kValid);
    made.expires = now + directory.row.reuse;
    return made;
  }
  made.expires = now + directory.row.pending_lifetime;
  for (const validation::Method method : directory.offered(asked)) {
    Challenge challenge;
    challenge.method = static_cast<std::uint32_t>(method);
    challenge.token = draw_id(random_);
    made.challenges.push_back(std::move(challenge));
  }
  return made;
}

// The latest authorisation for the name serves again while it is of use.
Result<Orders::Taken> Orders::take(const LoadedDirectory& directory, const LoadedAccount& account,
                                   const Name& asked, std::string_view profile,
                                   record::WriteSet& writes) {
  const record::Scope scope = directory.scope();
  const TimePoint now = clock_.now();
  const auto latest = TRY(store_.state().get(latest_key(scope, account.id, asked)));
  if (latest) {
    const std::string id(as_text(latest->value));
    auto found = TRY(read_authorization(store_.state(), authorization_key(scope, id)));
    if (found && found->value.profile == profile && found->value.expires > now + kLeastLeft) {
      const Status status = found->value.state(now);
      // A record that persists is looked at anew for each order.
      const bool persists = std::ranges::any_of(found->value.challenges, [](const Challenge& one) {
        return one.kind() == validation::Method::kDnsPersist01 && one.state() == Status::kValid;
      });
      const bool serves = status == Status::kPending || (status == Status::kValid && !persists);
      if (serves && conduct_.reuses(status)) return Taken{id, std::move(found->value), false};
    }
  }
  Taken taken{std::string(account.id) + "/" + draw_id(random_),
              make(directory, account, asked, profile), true};
  write_new(scope, account, taken, writes);
  return taken;
}

void Orders::write_new(const record::Scope& scope, const LoadedAccount& account, const Taken& taken,
                       record::WriteSet& writes) const {
  writes.require_absent(authorization_key(scope, taken.id));
  writes.put(authorization_key(scope, taken.id), access::encode_row(taken.row));
  writes.put(latest_key(scope, account.id, taken.row.name), to_bytes(std::string_view(taken.id)));
}

Result<record::Staged<OrderView>> Orders::create(const LoadedDirectory& directory,
                                                 const LoadedAccount& account, const Wanted& wanted,
                                                 std::string_view request_id) {
  record::WriteSet writes;
  TRY(spend(directory, account, wanted.names, writes));
  const record::Scope scope = directory.scope();
  const TimePoint now = clock_.now();
  const ProfileChoice& choice = *directory.choice(wanted.profile);
  OrderView made;
  made.id = order_id(account.id, now, random_);
  made.row.version = 1;
  Order& order = made.row.value;
  order.created = now;
  order.expires = now + directory.row.order_lifetime;
  order.names = wanted.names;
  order.profile = choice.name;
  order.not_before = wanted.not_before;
  order.not_after = wanted.not_after;
  order.replaces = wanted.replaces;

  bool ready = true;
  for (const Name& name : wanted.names) {
    Taken taken = TRY(take(directory, account, name, choice.name, writes));
    ready = ready && taken.row.state(now) == Status::kValid;
    order.expires = std::min(order.expires, taken.row.expires);
    order.authorizations.push_back(taken.id);
    made.authorizations.push_back({std::move(taken.row), 1});
  }
  made.status = ready ? Status::kReady : Status::kPending;
  writes.require_version(account_key(scope, account.id), account.version);
  if (wanted.replaced) {
    OwnCertificate own = wanted.replaced->value;
    own.replaced = made.id;
    const record::StateKey key = certificate_key(scope, wanted.replaced_serial);
    writes.require_version(key, wanted.replaced->version);
    writes.put(key, access::encode_row(own));
  }
  writes.require_absent(order_key(scope, made.id));
  writes.put(order_key(scope, made.id), access::encode_row(order));
  const access::Grant grant = TRY(directory.own(account.id));
  auto event =
      access::grant_event(grant, record::EventKind::kAcmeOrderCreated, made.id, request_id, now);
  std::vector<std::string> texts;
  for (const Name& name : wanted.names) texts.push_back(name.text());
  event.details = {{"names", join(texts, " ")}, {"profile", choice.name}};
  writes.append(event);
  return record::Staged<OrderView>(std::move(made), std::move(writes));
}

Result<record::Staged<AuthorizationView>> Orders::authorize(const LoadedDirectory& directory,
                                                            const LoadedAccount& account,
                                                            const Name& name,
                                                            std::string_view request_id) {
  record::WriteSet writes;
  TRY(spend(directory, account, {name}, writes));
  const record::Scope scope = directory.scope();
  const std::string& profile = directory.row.profiles.front().name;
  Taken taken = TRY(take(directory, account, name, profile, writes));
  const TimePoint now = clock_.now();
  if (taken.is_new) {
    writes.require_version(account_key(scope, account.id), account.version);
    const access::Grant grant = TRY(directory.own(account.id));
    auto event = access::grant_event(grant, record::EventKind::kAcmeAuthorizationCreated, taken.id,
                                     request_id, now);
    event.details = {{"name", name.text()}};
    writes.append(event);
  }
  const Status status = taken.row.state(now);
  return record::Staged<AuthorizationView>({taken.id, {std::move(taken.row), 1}, status},
                                           std::move(writes));
}

Result<record::Staged<AuthorizationView>> Orders::deactivate(const LoadedDirectory& directory,
                                                             const AuthorizationView& view,
                                                             std::string_view request_id) {
  if (view.status != Status::kPending && view.status != Status::kValid) {
    return refuse("malformed", "the authorization is " + std::string(name(view.status)),
                  Code::kInvalidArgument);
  }
  AuthorizationView changed = view;
  changed.row.value.become(Status::kDeactivated);
  changed.status = Status::kDeactivated;
  for (Challenge& challenge : changed.row.value.challenges) {
    if (challenge.state() == Status::kProcessing) challenge.become(Status::kPending);
  }
  const record::Scope scope = directory.scope();
  record::WriteSet writes;
  writes.require_version(authorization_key(scope, view.id), view.row.version);
  writes.put(authorization_key(scope, view.id), access::encode_row(changed.row.value));
  writes.erase(validation_work(scope, view.id));
  const access::Grant grant = TRY(directory.own(owner_of(view.id)));
  auto event = access::grant_event(grant, record::EventKind::kAcmeAuthorizationDeactivated, view.id,
                                   request_id, clock_.now());
  event.details = {{"name", view.row.value.name.text()}};
  writes.append(event);
  return record::Staged<AuthorizationView>(std::move(changed), std::move(writes));
}

Result<record::Staged<AuthorizationView>> Orders::start(const LoadedDirectory& directory,
                                                        const AuthorizationView& view,
                                                        std::size_t index) const {
  AuthorizationView changed = view;
  record::WriteSet writes;
  const auto processing = [](const Challenge& one) { return one.state() == Status::kProcessing; };
  // One challenge of an authorisation is tried at a time; whoever asks again gets what there is.
  if (view.status != Status::kPending ||
      std::ranges::any_of(view.row.value.challenges, processing)) {
    return record::Staged<AuthorizationView>(std::move(changed), std::move(writes));
  }
  const Name& name = view.row.value.name;
  const record::Scope scope = directory.scope();
  const Limit limit{limit_key(scope, "try/" + std::string(owner_of(view.id)) + "/" + name.key()),
                    directory.row.failures_per_name, kHour};
  const seconds wait = TRY(limits_.spend(limit, clock_.now(), writes));
  if (wait.count() > 0) {
    return rate_limited("control over " + name.text() + " was to be checked " +
                            std::to_string(directory.row.failures_per_name) +
                            " times within an hour",
                        wait);
  }
  Challenge& challenge = changed.row.value.challenges.at(index);
  challenge.become(Status::kProcessing);
  challenge.error = {};
  writes.require_version(authorization_key(scope, view.id), view.row.version);
  writes.put(authorization_key(scope, view.id), access::encode_row(changed.row.value));
  writes.put(validation_work(scope, view.id), {});
  changed.row.version += 1;
  return record::Staged<AuthorizationView>(std::move(changed), std::move(writes));
}

Result<bool> Orders::is_authorized(const record::Scope& scope, std::string_view account,
                                   const Name& name) const {
  const auto latest = TRY(store_.state().get(latest_key(scope, account, name)));
  if (!latest) return false;
  const auto found =
      TRY(read_authorization(store_.state(), authorization_key(scope, as_text(latest->value))));
  return found && found->value.state(clock_.now()) == Status::kValid;
}

}  // namespace chancery::acme
