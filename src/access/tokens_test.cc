#include <doctest/doctest.h>

#include "access/tokens.h"
#include "base/fakes.h"
#include "storage/memory/memory_store.h"

namespace chancery::access {
namespace {

struct World {
  FakeClock clock{from_unix(1'800'000'000)};
  FakeRandom random{3};
  NullLog log;
  std::unique_ptr<record::Store> store = storage::memory::make_store(log);
  Policies policies{*store, clock};
  Tokens tokens{*store, policies, clock, random};
  const OnLane outside = OnLane::outside_server();
  const Grant grant = local_operator({"root", ""});
  std::string root;

  World() {
    const NewToken made = make_root_token(clock.now(), random);
    root = made.secret;
    record::WriteSet writes;
    add_token(writes, made);
    REQUIRE(submit(std::move(writes)).has_value());
  }

  Result<Receipt> submit(record::WriteSet writes) {
    return store->committer().submit(std::move(writes)).wait(outside);
  }
  template <class T>
  T commit(record::Staged<T> staged) {
    const auto receipt = staged.submit(store->committer()).wait(outside);
    REQUIRE_MESSAGE(receipt.has_value(), (receipt ? "" : receipt.error().to_string()));
    return staged.release(*receipt);
  }
  Result<Authenticated> enter(std::string_view secret, std::string_view from = "127.0.0.1") {
    return tokens.authenticate(secret, from);
  }
  Result<record::Staged<Tokens::Made>> order(std::string_view maker, Tokens::Order order,
                                             bool sudo = false) {
    return tokens.create(grant, enter(maker).value(), sudo, std::move(order), "req");
  }
  std::string make(std::string_view maker, Tokens::Order wanted, bool sudo = false) {
    return commit(order(maker, std::move(wanted), sudo).value()).token.secret;
  }
  std::string refusal(std::string_view maker, Tokens::Order wanted, bool sudo = false) {
    const auto made = order(maker, std::move(wanted), sudo);
    return made ? "" : made.error().detail;
  }
};

TEST_CASE("tokens round-trip and are stored by hash") {
  FakeRandom random(3);
  NewToken made = make_root_token(from_unix(1'800'000'000), random);
  CHECK(made.secret.starts_with("chs."));
  CHECK(made.secret.size() == 47);
  CHECK(made.key.id.size() == 64);
  CHECK(made.key.id.find(made.secret) == std::string::npos);
  made.token.metadata = {{"a", "b"}};
  made.token.renewed = made.token.created;
  made.token.uses = 7;
  made.token.bound_cidrs = {"10.0.0.0/8"};
  const Bytes der = encode(made.token);
  CHECK(encode(decode_token(der).value()) == der);
  for (std::size_t n = 0; n < der.size(); ++n)
    CHECK_FALSE(decode_token(BytesView(der).first(n)).has_value());
}

TEST_CASE("a token of the first version is read") {
  // As version 1 wrote a root token: accessor "ab", 2027-01-15T08:00:00Z.
  const auto der = parse_hex(
      "30310201010c0261620c04726f6f7430060c04726f6f74180f32303237303131353038303030305a0c0961757468"
      "2f726f6f74");
  const Token token = decode_token(der.value()).value();
  CHECK(token.accessor == "ab");
  CHECK(token.is_root());
  CHECK_FALSE(token.expires.has_value());
  CHECK(token.path == "auth/root");
}

TEST_CASE("nothing is allowed unless a policy says so") {
  World world;
  world.commit(
      world.policies
          .put(world.grant, "Web", R"(path "pki/issue/web" { capabilities = ["update"] })", "r")
          .value());
  const std::string web = world.make(world.root, {.policies = {"web"}});
  const Resource issue{{"root", "pki/"}, "pki/issue/web"};
  CHECK(allow(world.enter(world.root)->principal, Action::kUpdate, issue)->actor() == "token:root");
  CHECK(allow(world.enter(web)->principal, Action::kUpdate, issue).has_value());
  CHECK(allow(world.enter(web)->principal, Action::kRead, issue).error().code ==
        Code::kPermissionDenied);
  auto elsewhere = issue;
  elsewhere.scope.tenant = "acme";
  CHECK_FALSE(allow(world.enter(world.root)->principal, Action::kUpdate, elsewhere).has_value());
  CHECK_FALSE(allow(Principal{}, Action::kUpdate, issue).has_value());

  // A change of the policy counts from the next request on.
  world.commit(world.policies.put(world.grant, "web", "", "r").value());
  CHECK_FALSE(allow(world.enter(web)->principal, Action::kUpdate, issue).has_value());
  world.commit(world.policies.erase(world.grant, "web", "r").value());
  CHECK_FALSE(allow(world.enter(web)->principal, Action::kUpdate, issue).has_value());
  CHECK(world.policies.list("root").value() == std::vector<std::string>{"default", "root"});
  CHECK_FALSE(world.policies.put(world.grant, "root", "", "r").has_value());
  CHECK_FALSE(world.policies.erase(world.grant, "default", "r").has_value());
}

TEST_CASE("who may give what") {
  World world;
  const std::string user = world.make(world.root, {.policies = {"a", "b"}});
  CHECK(world.enter(user)->token->policies == std::vector<std::string>{"a", "b", "default"});
  const std::string child = world.make(user, {.policies = {"b"}});
  CHECK(world.enter(child)->token->policies == std::vector<std::string>{"b", "default"});
  CHECK(world.enter(world.make(user, {}))->token->policies ==
        std::vector<std::string>{"a", "b", "default"});
  CHECK(world.refusal(user, {.policies = {"c"}}) == "child policies must be subset of parent");
  CHECK(world.refusal(user, {.policies = {"root"}}) == "child policies must be subset of parent");
  CHECK(world.refusal(user, {.policies = {"root"}}, true) ==
        "root tokens may not be created without parent token being root");
  CHECK(world.refusal(user, {.period = seconds{60}}) ==
        "root or sudo privileges required to create periodic token");
  CHECK(world.refusal(user, {.bound_cidrs = {"x"}}) == "not a network: x");
  const std::string bare = world.make(user, {.policies = {"a"}, .no_default_policy = true});
  CHECK(world.enter(world.make(bare, {}))->token->policies == std::vector<std::string>{"a"});
}

TEST_CASE("a token dies with the one that made it") {
  World world;
  const std::string parent = world.make(world.root, {.policies = {"a"}});
  const std::string child = world.make(parent, {});
  const std::string grandchild = world.make(child, {});
  const std::string orphan = world.make(parent, {.orphan = true}, true);
  CHECK(world.enter(grandchild).has_value());
  world.commit(
      world.tokens
          .revoke(world.grant, world.tokens.find(parent).value(), Tokens::Children::kDie, "r")
          .value());
  for (const std::string& dead : {parent, child, grandchild}) {
    CHECK(world.enter(dead).error().code == Code::kUnauthenticated);
    CHECK(world.tokens.find(dead).error().code == Code::kNotFound);
  }
  CHECK(world.enter(orphan).has_value());

  auto swept = world.tokens.sweep("", 100).value();
  CHECK(swept.removed == 2);
  CHECK(swept.next.empty());
  REQUIRE(world.submit(std::move(swept.writes)).has_value());
  CHECK(world.tokens.accessors("", 100)->size() == 2);
  CHECK(world.tokens.sweep("", 100)->removed == 0);
}

TEST_CASE("a token can be revoked without its children") {
  World world;
  const std::string parent = world.make(world.root, {.policies = {"a"}});
  const std::string child = world.make(parent, {});
  CHECK_FALSE(world.tokens.find(child)->orphan);
  world.commit(
      world.tokens
          .revoke(world.grant, world.tokens.find(parent).value(), Tokens::Children::kLiveOn, "r")
          .value());
  CHECK(world.tokens.find(child)->orphan);
  CHECK_FALSE(world.enter(parent).has_value());
  CHECK(world.enter(child).has_value());
  CHECK(world.tokens.sweep("", 100)->removed == 0);
}

TEST_CASE("generations are bounded") {
  World world;
  std::string token = world.make(world.root, {.policies = {"a"}});
  std::string refused;
  int made = 0;
  for (; made < 100 && refused.empty(); ++made) {
    refused = world.refusal(token, {});
    if (refused.empty()) token = world.make(token, {});
    CHECK(world.enter(token).has_value());
  }
  CHECK(refused == "too many generations of tokens: make an orphan");
  CHECK(made > 10);
}

TEST_CASE("time ends a token, renewal moves the end within its bounds") {
  World world;
  const std::string token = world.make(
      world.root, {.policies = {"a"}, .ttl = seconds{100}, .explicit_max_ttl = seconds{250}});
  const auto renew = [&](seconds increment) {
    return world.tokens.renew(world.grant, world.tokens.find(token).value(), increment, "r");
  };
  world.clock.advance(seconds{90});
  CHECK(world.commit(renew({}).value()).ttl == seconds{100});
  world.clock.advance(seconds{90});
  CHECK(world.commit(renew(seconds{1000}).value()).ttl == seconds{70});
  world.clock.advance(seconds{69});
  CHECK(world.enter(token).has_value());
  world.clock.advance(seconds{1});
  CHECK(world.enter(token).error().code == Code::kUnauthenticated);

  const std::string fixed = world.make(world.root, {.policies = {"a"}, .renewable = false});
  CHECK(world.tokens.renew(world.grant, world.tokens.find(fixed).value(), {}, "r").error().detail ==
        "lease is not renewable");
  const std::string periodic =
      world.make(world.root, {.policies = {"a"}, .period = seconds{3600}}, true);
  for (int i = 0; i < 2000; ++i) {
    world.clock.advance(seconds{3599});
    world.commit(
        world.tokens.renew(world.grant, world.tokens.find(periodic).value(), {}, "r").value());
  }
  CHECK(world.enter(periodic).has_value());
}

TEST_CASE("a token of one use works once, however many ask at once") {
  World world;
  const std::string token = world.make(world.root, {.policies = {"a"}, .uses = 2});
  const Authenticated caller = world.enter(token).value();
  CHECK(world.tokens.find(token)->uses_left == 2);
  CHECK(world.refusal(token, {}) == "restricted use token cannot generate child tokens");
  std::vector<Ticket> race;
  for (int i = 0; i < 8; ++i)
    race.push_back(world.store->committer().submit(Tokens::spend(caller)));
  int won = 0;
  for (Ticket& ticket : race) {
    const auto receipt = ticket.wait(world.outside);
    if (receipt) {
      ++won;
    } else {
      CHECK(receipt.error().code == Code::kConflict);
    }
  }
  CHECK(won == 2);
  CHECK(world.tokens.find(token).error().code == Code::kNotFound);
}

TEST_CASE("a token may be bound to networks") {
  World world;
  const std::string token =
      world.make(world.root, {.policies = {"a"}, .bound_cidrs = {"10.0.0.0/8", "fd00::/8"}});
  CHECK(world.enter(token, "10.1.2.3").has_value());
  CHECK(world.enter(token, "fd00::1").has_value());
  CHECK_FALSE(world.enter(token, "11.1.2.3").has_value());
  CHECK_FALSE(world.enter(token, "").has_value());
}

TEST_CASE("accessors lead to tokens") {
  World world;
  const std::string token = world.make(world.root, {.policies = {"a"}});
  const std::string accessor = world.enter(token)->token->accessor;
  CHECK(world.tokens.by_accessor(accessor)->id == world.enter(token)->id);
  CHECK(world.tokens.by_accessor("x").error().detail == "invalid accessor");
  CHECK(world.tokens.accessors("", 100)->size() == 2);
  CHECK(world.tokens.accessors("", 1)->size() == 1);
}

}  // namespace
}  // namespace chancery::access
