#include "protocols/acme/test_acme.h"

// Challenges and what becomes of them: RFC 8555 sections 7.5.1 and 8; and what a stop of the
// program leaves.

namespace chancery::acme {
namespace {

using validation::Problem;

std::string first_authorization(const json::Answer& order) {
  return std::string(order.object().at("authorizations").as_array().front().as_string());
}

TEST_CASE("66, 71: what a challenge says (8, 8.1)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  const auto shown = client.get(first_authorization(order));
  std::set<std::string> tokens;
  const auto challenges = shown.object().at("challenges").as_array();
  for (const auto& one : challenges) {
    const std::string token(one.at("token").as_string());
    CHECK(parse_base64(token, Base64::kUrl).value().size() >= 16);
    tokens.insert(token);
    CHECK(one.at("status").as_string() == "pending");
  }
  CHECK(tokens.size() == 3);
  const auto started = client.answer_challenge(first_authorization(order), "dns-01");
  CHECK(started.status == 200);
  CHECK(started.text("/status") == "processing");
  CHECK(started.header("Link") == "<" + first_authorization(order) + ">;rel=\"up\"");
  CHECK_FALSE(started.header("Retry-After").empty());
  CHECK_FALSE(client.get(first_authorization(order)).header("Retry-After").empty());
  acme.background->run();
  const auto thumbprint =
      jose::parse_jwk(jose::parse_json(jwk_of(client.key.public_key())).value()).value().thumbprint;
  CHECK(acme.validator.attempts.at(0).key_authorization ==
        acme.validator.attempts.at(0).token + "." + thumbprint);
  const auto valid = client.get(first_authorization(order));
  CHECK(valid.text("/status") == "valid");
  REQUIRE(valid.object().at("challenges").as_array().size() == 1);  // the one that decided
  CHECK(valid.text("/challenges/0/validated").ends_with("Z"));
}

TEST_CASE("67: of all challenges of an authorisation one is tried, once (7.5.1)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  for (int i = 0; i < 5; ++i) {
    for (const char* type : {"http-01", "dns-01", "tls-alpn-01"})
      CHECK(client.answer_challenge(first_authorization(order), type).status == 200);
  }
  acme.background->run();
  CHECK(acme.validator.attempts.size() == 1);
  CHECK(acme.validator.attempts.front().method == validation::Method::kHttp01);
  // What is decided is not tried again.
  const auto shown = client.get(first_authorization(order));
  const auto again = client.post(shown.text("/challenges/0/url"), "{}");
  CHECK(again.text("/status") == "valid");
  CHECK(acme.background->run() == 0);
}

TEST_CASE("68: a challenge that fails fails authorisation and order, and says why (7.1.6, 6.7)") {
  const std::pair<Problem, const char*> cases[] = {
      {Problem::kConnection, "connection"},
      {Problem::kDns, "dns"},
      {Problem::kTls, "tls"},
      {Problem::kUnauthorized, "unauthorized"},
      {Problem::kIncorrectResponse, "incorrectResponse"},
      {Problem::kCaa, "caa"},
  };
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  for (const auto& [problem, type] : cases) {
    INFO(type);
    acme.validator.outcomes["a.example"] = ScriptedValidator::failure(problem);
    const auto order = client.order({"a.example"});
    client.prove(order);
    const auto authorization = client.get(first_authorization(order));
    CHECK(authorization.text("/status") == "invalid");
    CHECK(authorization.text("/challenges/0/status") == "invalid");
    CHECK(authorization.text("/challenges/0/error/type").ends_with(type));
    CHECK(authorization.object().at("challenges").as_array().size() == 1);
    const auto shown = client.get(order.header("Location"));
    CHECK(shown.text("/status") == "invalid");
    CHECK(shown.text("/error/type").ends_with(type));
    CHECK(type_of(client.finalize(order, client.make_csr({"a.example"}))) == "orderNotReady");
  }
}

TEST_CASE("69: time ends authorisations (7.1.6)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.prove(order);
  CHECK(client.get(order.header("Location")).text("/status") == "ready");
  acme.mount.clock.advance(seconds{86'401});
  CHECK(client.get(first_authorization(order)).text("/status") == "expired");
  CHECK(client.get(order.header("Location")).text("/status") == "invalid");
  CHECK(type_of(client.finalize(order, client.make_csr({"a.example"}))) == "orderNotReady");
}

TEST_CASE("70: what can pass later is tried again, with growing pauses (8.2)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  acme.validator.outcomes["a.example"] = ScriptedValidator::failure(Problem::kConnection, true);
  const auto order = client.order({"a.example"});
  client.prove(order);
  CHECK(acme.validator.attempts.size() == 1);
  const auto waiting = client.get(first_authorization(order));
  CHECK(waiting.text("/status") == "pending");
  CHECK(waiting.text("/challenges/0/status") == "processing");
  CHECK(waiting.text("/challenges/0/error/type").ends_with("connection"));
  acme.core->tend();
  CHECK(acme.background->run() == 0);  // not due
  acme.mount.clock.advance(seconds{5});
  acme.core->tend();
  CHECK(acme.background->run() == 1);
  acme.mount.clock.advance(seconds{5});
  acme.core->tend();
  CHECK(acme.background->run() == 0);  // the pause is longer now
  // A client that asks again is heard at once.
  CHECK(client.post(waiting.text("/challenges/0/url"), "{}").text("/status") == "processing");
  CHECK(acme.background->run() == 1);
  acme.validator.outcomes.clear();
  acme.mount.clock.advance(seconds{300});
  acme.core->tend();
  acme.background->run();
  CHECK(client.get(order.header("Location")).text("/status") == "ready");
}

TEST_CASE("70: attempts come to an end") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  acme.validator.outcomes["a.example"] = ScriptedValidator::failure(Problem::kConnection, true);
  const auto order = client.order({"a.example"});
  client.prove(order);
  for (int i = 0; i < 10; ++i) {
    acme.mount.clock.advance(seconds{300});
    acme.core->tend();
    acme.background->run();
  }
  CHECK(acme.validator.attempts.size() == 4);
  CHECK(client.get(first_authorization(order)).text("/status") == "invalid");
}

TEST_CASE("no room in the background loses nothing") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  acme.background->full = true;
  client.prove(order);
  CHECK(acme.validator.attempts.empty());
  acme.background->full = false;
  acme.mount.clock.advance(seconds{5});
  acme.core->tend();
  acme.background->run();
  CHECK(client.get(order.header("Location")).text("/status") == "ready");
}

TEST_CASE("a validation that a stop of the program cut off goes on after the start") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.answer_challenge(first_authorization(order), "http-01");
  acme.start();  // what was queued is gone
  CHECK(client.get(first_authorization(order)).text("/challenges/0/status") == "processing");
  acme.core->tend();
  acme.background->run();
  CHECK(acme.validator.attempts.size() == 1);
  CHECK(client.get(order.header("Location")).text("/status") == "ready");
  acme.core->tend();
  CHECK(acme.background->run() == 0);
}

TEST_CASE("63: an order that a stop of the program left processing is finished after the start") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.caa = true;
    row.caa_identities = {"ca.example"};
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.prove(order);
  acme.mount.clock.advance(seconds{9 * 3600});  // CAA has to be looked at again
  const auto claimed = client.finalize(order, client.make_csr({"a.example"}));
  CHECK(claimed.text("/status") == "processing");
  CHECK_FALSE(claimed.header("Retry-After").empty());
  CHECK(acme.mount.store->index().list_serials(acme.mount.scope, {}, 100).value().empty());
  acme.start();
  acme.core->tend();
  acme.background->run();
  const auto done = client.get(order.header("Location"));
  CHECK(done.text("/status") == "valid");
  CHECK(client.get(done.text("/certificate")).status == 200);
  CHECK(acme.mount.store->index().list_serials(acme.mount.scope, {}, 100).value().size() == 1);
}

TEST_CASE("an account that is deactivated in the midst of an order gets nothing") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.answer_challenge(first_authorization(order), "http-01");
  REQUIRE(client.post(client.account, R"({"status":"deactivated"})").status == 200);
  acme.background->run();
  CHECK(acme.validator.attempts.empty());
  CHECK(client.finalize(order, client.make_csr({"a.example"})).status == 401);
}

TEST_CASE("an account that is deactivated while its order is signed gets no certificate") {
  TestAcme acme(enrol::TestMount::Distance::kRemote, {crypto::KeyAlgorithm::kRsa, 2048});
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.prove(order);
  REQUIRE(client.finalize(order, client.make_csr({"a.example"})).text("/status") == "processing");
  // Whoever signs has looked at the account by the time it looks at the key.
  unsigned deactivated = 0;
  acme.mount.remote->on_read = [&](const record::StateKey& key) {
    if (key.kind != record::StateKind::kBlockedKey || deactivated != 0) return;
    deactivated = client.post(client.account, R"({"status":"deactivated"})").status;
  };
  acme.background->run();
  CHECK(deactivated == 200);
  acme.core->tend();
  acme.background->run();
  CHECK(acme.mount.store->index().list_serials(acme.mount.scope, {}, 100).value().empty());
  const auto id = order.header("Location").substr(client.url("order/").size());
  const auto stored = acme.core->orders.find(acme.directory()->scope(), id).value();
  CHECK(stored->status == Status::kInvalid);
  CHECK(stored->error.detail.contains("deactivated"));
}

TEST_CASE("orders of an authority with a slow key are signed on the cpu lane") {
  TestAcme acme(enrol::TestMount::Distance::kLocal, {crypto::KeyAlgorithm::kRsa, 2048});
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.prove(order);
  acme.background->places.clear();
  CHECK(client.finalize(order, client.make_csr({"a.example"})).text("/status") == "processing");
  acme.background->run();
  CHECK(acme.background->places == std::vector{Background::Place::kCpu});
  CHECK(client.get(order.header("Location")).text("/status") == "valid");
}

TEST_CASE("a validation attempt is one line in the log") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  acme.log.messages.clear();
  client.prove(order);
  CHECK(acme.log.messages == std::vector<std::string>{"validation attempt"});
  CHECK(acme.log.keys.contains("seen"));
}

TEST_CASE("79: looking up CAA for many names ends, and goes on where it was with the next order") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.caa = true;
    row.caa_identities = {"ca.example"};
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back("host-" + std::to_string(i) + ".a.example");
  const auto order = client.order(names);
  client.prove(order);
  acme.mount.clock.advance(seconds{9 * 3600});
  acme.validator.questions.clear();
  acme.validator.on_caa = [&] { acme.mount.clock.advance(seconds{20}); };
  CHECK(client.finalize(order, client.make_csr(names)).text("/status") == "processing");
  acme.background->run();
  CHECK(acme.validator.questions.size() == 3);
  const auto failed = client.get(order.header("Location"));
  CHECK(failed.text("/status") == "invalid");
  CHECK(failed.text("/error/type").ends_with("dns"));
  CHECK(failed.text("/error/detail").contains("3 of 10"));
  // The name servers are well again.
  acme.validator.on_caa = {};
  const auto again = client.order(names);
  CHECK(again.text("/status") == "ready");
  CHECK(client.finalize(again, client.make_csr(names)).text("/status") == "processing");
  acme.background->run();
  CHECK(acme.validator.questions.size() == 10);
  CHECK(client.get(again.header("Location")).text("/status") == "valid");
}

TEST_CASE("79: CAA is asked with each validation, and anew at finalize when that is long ago") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.caa = true;
    row.caa_identities = {"ca.example"};
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  CHECK(client.send("GET", client.url("directory"), {}, {}).text("/meta/caaIdentities/0") ==
        "ca.example");
  const auto order = client.order({"a.example"});
  client.prove(order);
  REQUIRE(acme.validator.questions.size() == 1);
  CHECK(acme.validator.questions.front().account_url == client.account);
  CHECK(acme.validator.questions.front().method == validation::Method::kHttp01);
  acme.mount.clock.advance(seconds{9 * 3600});
  acme.validator.caa = ScriptedValidator::failure(Problem::kCaa);
  CHECK(client.finalize(order, client.make_csr({"a.example"})).text("/status") == "processing");
  acme.background->run();
  CHECK(acme.validator.questions.size() == 2);
  const auto refused = client.get(order.header("Location"));
  CHECK(refused.text("/status") == "invalid");
  CHECK(refused.text("/error/type").ends_with("caa"));
  // At the validation itself.
  const auto second = client.order({"b.example"});
  client.prove(second);
  CHECK(client.get(first_authorization(second)).text("/challenges/0/error/type").ends_with("caa"));
}

TEST_CASE("76, 77: dns-account-01 and dns-persist-01 tell what the record needs") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.challenges = {"dns-account-01", "dns-persist-01"};
    row.caa_identities = {"ca.example"};
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"*.a.example"});
  const auto shown = client.get(first_authorization(order));
  CHECK(shown.text("/challenges/0/type") == "dns-account-01");
  CHECK(shown.text("/challenges/1/accounturi") == client.account);
  CHECK(shown.text("/challenges/1/issuer-domain-names/0") == "ca.example");
  CHECK(shown.text("/challenges/1/token").find("absent") != std::string::npos);
  client.prove(order, "dns-persist-01");
  REQUIRE(acme.validator.attempts.size() == 1);
  CHECK(acme.validator.attempts.front().key_authorization.empty());
  CHECK(acme.validator.attempts.front().wildcard);
  CHECK(client.finalize(order, client.make_csr({"*.a.example"})).text("/status") == "valid");
  // The record is looked at anew for each order.
  CHECK(client.order({"*.a.example"}).text("/status") == "pending");
}

TEST_CASE("pairs of account and name that keep failing are paused, until somebody helps") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) { row.pause_after = 3; });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  acme.validator.outcomes["a.example"] = ScriptedValidator::failure(Problem::kUnauthorized);
  for (int i = 0; i < 3; ++i) {
    const auto order = client.order({"a.example"});
    REQUIRE(order.status == 201);
    client.prove(order);
  }
  const auto paused = client.order({"a.example"});
  CHECK(paused.status == 429);
  CHECK(type_of(paused) == "rateLimited");
  CHECK(paused.text("/detail").contains("unpause"));
  CHECK(client.order({"b.example"}).status == 201);  // others go on
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  CHECK(other.order({"a.example"}).status == 201);
  const auto listed = acme.core->failures(acme.directory()->scope(), {}, 10).value();
  REQUIRE(listed.size() == 1);
  CHECK(listed.front().row.count == 3);
  acme.mount.commit(acme.core
                        ->unpause(access::local_operator(acme.mount.scope), *acme.directory(),
                                  listed.front().id, "req")
                        .value());
  CHECK(client.order({"a.example"}).status == 201);
}

}  // namespace
}  // namespace chancery::acme
