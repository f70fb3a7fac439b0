#include "access/methods.h"

#include "access/test_world.h"

namespace chancery::access {
namespace {

using enum MountKind;

std::string refusal(const auto& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().detail;
}

struct AppRoleWorld : MethodsWorld {
  Mounts::Entry mount = enable(kAuth, "approle", "approle");

  AppRole add_role(const std::string& name, const std::function<void(AppRole&)>& set = {}) {
    return commit(methods.approles.put(
        grant, mount->scope(), name,
        [&](AppRole& role, Rows<AppRole>::State) -> Result<void> {
          if (set) set(role);
          return {};
        },
        "req"));
  }
  AppRoles::MadeSecret add_secret(const std::string& name, const AppRole& role,
                                  AppRoles::SecretOrder order = {}) {
    return commit(
        methods.approles.make_secret(grant, mount->scope(), name, role, std::move(order), "req"));
  }
  Result<record::Staged<Tokens::Made>> enter(std::string_view role_id, std::string_view secret,
                                             std::string_view from = "127.0.0.1") {
    return methods.approles.log_in({*mount, from, "req"}, role_id, secret);
  }
};

TEST_CASE("approle: a secret lets its holder in, and is kept nowhere") {
  AppRoleWorld world;
  const AppRole role = world.add_role("Web", [](AppRole& r) {
    r.token.policies = {"a"};
    r.token.ttl = seconds{600};
  });
  const auto secret = world.add_secret("web", role, {.metadata = {{"k", "v"}, {"role_name", "x"}}});
  const auto made = world.commit(world.enter(role.role_id, secret.secret));
  CHECK(world.lives(made.token.secret));
  CHECK(made.token.token.policies == std::vector<std::string>{"a", "default"});
  CHECK(made.token.token.metadata ==
        std::vector<std::pair<std::string, std::string>>{{"k", "v"}, {"role_name", "web"}});
  CHECK(made.token.token.path == "auth/approle/login");
  CHECK(made.token.token.display_name == "approle");
  CHECK(made.token.token.ttl == seconds{600});
  for (const auto kind : {record::StateKind::kSecretId, record::StateKind::kSecretIdAccessor}) {
    const auto rows = world.store->state().list(kind, world.mount->scope(), {}, 10).value();
    for (const auto& row : rows) {
      CHECK_FALSE(row.key.id.contains(secret.secret));
      CHECK_FALSE(as_text(row.value).contains(secret.secret));
    }
  }
  CHECK(refusal(world.enter(role.role_id, "wrong")) == "invalid role or secret ID");
  CHECK(refusal(world.enter("wrong", secret.secret)) == "invalid role or secret ID");
  CHECK(refusal(world.enter(role.role_id, "")) == "missing secret_id");
  CHECK(refusal(world.enter("", "")) == "missing role_id");
}

TEST_CASE("approle: of all who race for a secret's last use one gets in") {
  AppRoleWorld world;
  const AppRole role = world.add_role("web", [](AppRole& r) { r.secret_id_num_uses = 2; });
  for (const std::uint32_t uses : {1U, 2U}) {
    const auto secret = world.add_secret("web", role, {.num_uses = uses});
    std::vector<record::Staged<Tokens::Made>> racers;
    for (unsigned i = 0; i < 5; ++i) {
      auto staged = world.enter(role.role_id, secret.secret);
      REQUIRE(staged.has_value());
      racers.push_back(*std::move(staged));
    }
    unsigned in = 0;
    for (auto& racer : racers) {
      const auto receipt = racer.submit(world.store->committer()).wait(world.outside);
      if (receipt) ++in;
      if (!receipt) CHECK(receipt.error().code == Code::kConflict);
    }
    CHECK(in == uses);
    CHECK(refusal(world.enter(role.role_id, secret.secret)) == "invalid role or secret ID");
    CHECK_FALSE(world.methods.approles.find_secret(world.mount->scope(), role, secret.secret)
                    .value()
                    .has_value());
  }
}

TEST_CASE("approle: secrets end with their time, their destruction and their role") {
  AppRoleWorld world;
  auto& approles = world.methods.approles;
  const auto scope = world.mount->scope();
  const AppRole role = world.add_role("web", [](AppRole& r) { r.secret_id_ttl = seconds{60}; });
  const auto timed = world.add_secret("web", role);
  world.clock.advance(seconds{59});
  CHECK(world.enter(role.role_id, timed.secret).has_value());
  world.clock.advance(seconds{1});
  CHECK_FALSE(world.enter(role.role_id, timed.secret).has_value());

  const auto broken = world.add_secret("web", role);
  auto racing = world.enter(role.role_id, broken.secret);
  const auto found = approles.by_accessor(scope, role, broken.row.accessor).value();
  REQUIRE(found.has_value());
  world.commit(Result<record::Staged<bool>>(
      approles.destroy(world.grant, scope, "web", role, *found, "req")));
  CHECK_FALSE(world.enter(role.role_id, broken.secret).has_value());
  CHECK_FALSE(racing->submit(world.store->committer()).wait(world.outside).has_value());

  const auto orphan = world.add_secret("web", role, {.secret = "mine"});
  CHECK(refusal(approles.make_secret(world.grant, scope, "web", role, {.secret = "mine"}, "r")) ==
        "failed to store secret_id: SecretID is already registered");
  world.commit(approles.erase(world.grant, scope, "web", "req"));
  const AppRole again = world.add_role("web", [&](AppRole& r) { r.role_id = role.role_id; });
  CHECK_FALSE(world.enter(again.role_id, orphan.secret).has_value());

  auto swept = approles.sweep(scope, {}, 100);
  REQUIRE(swept.has_value());
  CHECK(swept->removed == 2);
  REQUIRE(world.submit(std::move(swept->writes)).has_value());
  CHECK(world.store->state().list(record::StateKind::kSecretId, scope, {}, 9)->empty());
  CHECK(world.store->state().list(record::StateKind::kSecretIdAccessor, scope, {}, 9)->empty());
}

TEST_CASE("approle: networks, bounds and role identifiers") {
  AppRoleWorld world;
  auto& approles = world.methods.approles;
  const AppRole role = world.add_role("web", [](AppRole& r) {
    r.secret_id_cidrs = {"10.0.0.0/8"};
    r.role_id = "web-id";
    r.secret_id_num_uses = 3;
    r.secret_id_ttl = seconds{60};
  });
  const auto secret = world.add_secret("web", role, {.token_cidrs = {"10.1.0.0/16"}});
  CHECK(refusal(world.enter("web-id", secret.secret)).contains("CIDR restrictions on the role"));
  CHECK(world.enter("web-id", secret.secret, "10.1.2.3").has_value());
  const auto made = world.commit(world.enter("web-id", secret.secret, "10.1.2.3"));
  CHECK_FALSE(world.tokens.authenticate(made.token.secret, "10.2.0.1").has_value());
  CHECK(world.tokens.authenticate(made.token.secret, "10.1.0.1").has_value());
  const auto why = [&](AppRoles::SecretOrder order) {
    return refusal(
        approles.make_secret(world.grant, world.mount->scope(), "web", role, std::move(order), ""));
  };
  CHECK(why({.num_uses = 4}) == "num_uses cannot be higher than the role's secret_id_num_uses");
  CHECK(why({.num_uses = 0}) == "num_uses cannot be higher than the role's secret_id_num_uses");
  CHECK(why({.ttl = seconds{61}}) == "ttl cannot be longer than the role's secret_id_ttl");
  CHECK(why({.cidrs = {"x"}}).ends_with("invalid CIDR address: x"));
  const auto change = [&](const std::string& name, const std::function<void(AppRole&)>& set) {
    return approles.put(
        world.grant, world.mount->scope(), name,
        [&](AppRole& r, Rows<AppRole>::State) -> Result<void> {
          set(r);
          return {};
        },
        "req");
  };
  CHECK(refusal(change("other", [](AppRole& r) { r.role_id = "web-id"; })) ==
        "role_id already in use");
  CHECK(refusal(change("other", [](AppRole& r) { r.bind_secret_id = false; })) ==
        "at least one constraint should be enabled on the role");
  CHECK(refusal(change("other", [](AppRole& r) {
          r.token.ttl = seconds{2};
          r.token.max_ttl = seconds{1};
        })) == "'token_ttl' cannot be greater than 'token_max_ttl'");
  // A role without secrets lets nobody in from elsewhere.
  world.add_role("open", [](AppRole& r) {
    r.bind_secret_id = false;
    r.role_id = "open-id";
    r.token.bound_cidrs = {"10.0.0.1"};
  });
  CHECK_FALSE(world.enter("open-id", "").has_value());
  CHECK(world.enter("open-id", "", "10.0.0.1").has_value());
}

TEST_CASE("a mount that is disabled takes its tokens along, another at its path gives none back") {
  AppRoleWorld world;
  const AppRole role = world.add_role("web");
  const auto secret = world.add_secret("web", role);
  const auto made = world.commit(world.enter(role.role_id, secret.secret));
  CHECK(world.lives(made.token.secret));
  world.commit(world.methods.mounts.move(world.grant, kAuth, "approle", "ar2", "req"));
  CHECK(world.lives(made.token.secret));
  world.commit(world.methods.mounts.remove(world.grant, kAuth, "ar2", "req"));
  CHECK_FALSE(world.lives(made.token.secret));
  world.mount = world.enable(kAuth, "ar2", "approle");
  CHECK_FALSE(world.lives(made.token.secret));
  CHECK_FALSE(world.enter(role.role_id, secret.secret).has_value());
}

TEST_CASE("lockout: who guesses is kept out, the owner is not") {
  FakeClock clock{from_unix(1'800'000'000)};
  Lockout lockout(clock, 100);
  const auto open = [&](std::string_view name, std::string_view from) {
    return lockout.check("m", name, from).has_value();
  };
  for (unsigned i = 0; i < Lockout::kMostFailures; ++i) {
    CHECK(open("bob", "10.0.0.1"));
    lockout.failed("m", "bob", "10.0.0.1");
  }
  CHECK_FALSE(open("bob", "10.0.0.1"));
  CHECK(open("bob", "10.0.0.2"));
  CHECK(open("ann", "10.0.0.1"));
  clock.advance(Lockout::kPause);
  CHECK(open("bob", "10.0.0.1"));
  // One that gets in begins anew.
  for (unsigned i = 0; i + 1 < Lockout::kMostFailures; ++i) lockout.failed("m", "eve", "::1");
  lockout.succeeded("m", "eve", "::1");
  lockout.failed("m", "eve", "::1");
  CHECK(open("eve", "::1"));
  // The addresses of one IPv6 network are one.
  for (unsigned i = 0; i < Lockout::kMostFailures; ++i)
    lockout.failed("m", "eve", "2001:db8::" + std::to_string(i));
  CHECK_FALSE(open("eve", "2001:db8::ffff"));
  CHECK(open("eve", "2001:db8:0:1::1"));
}

TEST_CASE("lockout: an address that tries many names is kept out of all of them") {
  FakeClock clock{from_unix(1'800'000'000)};
  Lockout lockout(clock);
  for (unsigned i = 0; i < Lockout::kMostFailuresOfAddress; ++i)
    lockout.failed("m", "user" + std::to_string(i), "10.0.0.1");
  const auto refused = lockout.check("m", "ann", "10.0.0.1");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kTooManyRequests);
  CHECK(refused.error().retry_after.has_value());
  CHECK(lockout.check("m", "ann", "10.0.0.2").has_value());
}

TEST_CASE("lockout: memory is bounded, the oldest failure is forgotten first") {
  FakeClock clock{from_unix(1'800'000'000)};
  Lockout lockout(clock, 10);
  for (unsigned i = 0; i < Lockout::kMostFailures; ++i) lockout.failed("m", "bob", "10.0.0.1");
  CHECK_FALSE(lockout.check("m", "bob", "10.0.0.1").has_value());
  for (unsigned i = 0; i < 10; ++i) lockout.failed("m", "x", "10.0.1." + std::to_string(i));
  CHECK(lockout.check("m", "bob", "10.0.0.1").has_value());
}

TEST_CASE("userpass: passwords are hashed, and wrong ones told nothing") {
  MethodsWorld world;
  const auto mount = world.enable(kAuth, "team/users", "userpass");
  auto& users = world.methods.users;
  const auto put = [&](std::string_view name, std::string_view password) {
    return users.put(
        world.grant, mount->scope(), name, password,
        [](User& user, Rows<User>::State) -> Result<void> {
          user.token.policies = {"a"};
          return {};
        },
        "req");
  };
  const auto enter = [&](std::string_view name, std::string_view password,
                         std::string_view from = "127.0.0.1") {
    return users.log_in({*mount, from, "req"}, name, password);
  };
  CHECK(refusal(put("bob", "")) == "must provide either password or password_hash");
  world.commit(put("Bob", "pw"));
  const auto row = world.store->state().get(Rows<User>::key(mount->scope(), "bob")).value();
  REQUIRE(row.has_value());
  CHECK_FALSE(as_text(row->value).contains("pw"));
  const auto made = world.commit(enter("BOB", "pw"));
  CHECK(world.lives(made.token.secret));
  CHECK(made.token.token.display_name == "team-users-bob");
  CHECK(made.token.token.path == "auth/team/users/login/BOB");
  CHECK(refusal(enter("bob", "")) == "missing password");
  CHECK(refusal(enter("nobody", "pw")) == "invalid username or password");
  world.commit(put("bob", ""));  // the password stays
  CHECK(enter("bob", "pw").has_value());
  for (unsigned i = 0; i < Lockout::kMostFailures; ++i)
    CHECK(refusal(enter("bob", "guess", "10.0.0.9")) == "invalid username or password");
  CHECK(enter("bob", "pw", "10.0.0.9").error().code == Code::kUnauthenticated);
  CHECK(enter("bob", "pw").has_value());
  // A user who goes while logging in does not get in.
  auto racing = enter("bob", "pw");
  world.commit(users.rows().erase(world.grant, mount->scope(), "bob", "req"));
  CHECK_FALSE(racing->submit(world.store->committer()).wait(world.outside).has_value());
}

TEST_CASE("token roles decide over policies and bounds") {
  const auto applied = [](const TokenRole& role, Tokens::Order order,
                          std::vector<std::string> maker = {"x"}) {
    auto result = apply(role, "r", maker, order);
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().detail));
    return order;
  };
  const auto why = [](const TokenRole& role, Tokens::Order order) {
    return refusal(apply(role, "r", {"x"}, order));
  };
  TokenRole role;
  role.allowed_policies = {"a"};
  role.allowed_policies_glob = {"g*"};
  CHECK(applied(role, {}).policies == std::vector<std::string>{"a"});
  CHECK(applied(role, {.policies = {"g1"}}).policies_settled);
  CHECK(why(role, {.policies = {"z"}}) ==
        "token policies ([\"default\" \"z\"]) must be subset of the role's allowed policies "
        "([\"a\" \"default\"]) or glob policies ([\"g*\"])");
  role.disallowed_policies_glob = {"g1*"};
  CHECK(why(role, {.policies = {"g12"}}) == "token policy \"g12\" is disallowed by this role");
  TokenRole bounds;
  bounds.explicit_max_ttl = seconds{60};
  bounds.num_uses = 2;
  bounds.period = seconds{10};
  bounds.orphan = true;
  bounds.renewable = false;
  bounds.path_suffix = "sfx";
  const auto order = applied(bounds, {.explicit_max_ttl = seconds{90}, .uses = 9});
  CHECK(order.explicit_max_ttl == seconds{60});
  CHECK(order.uses == 2);
  CHECK(order.period_settled);
  CHECK(order.orphan);
  CHECK_FALSE(order.renewable);
  CHECK(order.path == "auth/token/create/sfx");
  CHECK_FALSE(order.policies_settled);
}

}  // namespace
}  // namespace chancery::access
