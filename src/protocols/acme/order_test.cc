#include "acme/names.h"
#include "protocols/acme/test_acme.h"

// Orders and authorisations: RFC 8555 sections 7.1.3, 7.1.4, 7.1.6, 7.4 and 7.5; RFC 8738.

namespace chancery::acme {
namespace {

std::string first_authorization(const json::Answer& order) {
  return std::string(order.object().at("authorizations").as_array().front().as_string());
}

TEST_CASE("48: a new order (7.4)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"A.Example", "a.example", "b.example"});
  CHECK(order.status == 201);
  CHECK(order.text("/status") == "pending");
  CHECK(order.object().at("identifiers").as_array().size() == 2);
  CHECK(order.text("/identifiers/0/value") == "a.example");
  CHECK(order.object().at("authorizations").as_array().size() == 2);
  CHECK(order.text("/finalize").starts_with(order.header("Location")));
  CHECK(order.text("/expires").ends_with("Z"));
  CHECK(order.text("/profile") == "standard");
  CHECK_FALSE(order.body.contains("certificate"));
}

TEST_CASE("49: identifiers that are no host names (7.1.4, 6.7.1)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const std::string long_label(64, 'a');
  std::string long_name;
  while (long_name.size() < 254) long_name += "abcdefgh.";
  for (const std::string& name :
       {std::string(), std::string("a.example."), std::string("a_b.example"),
        long_label + ".example", long_name + "example", std::string("ab--cd.example"),
        std::string("xn--zzzzzzzz99.example"), std::string("10.0.0.1.5"),
        std::string("a.*.example"), std::string("*.*.example"), std::string("*.example"),
        std::string("*"), std::string("a..example"), std::string("-a.example"),
        std::string("a b.example"), std::string("b\\u00fccher.example"),
        std::string("a\\u0000b.example")}) {
    INFO(name);
    const auto refused = client.order({name});
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "rejectedIdentifier");
    CHECK(refused.object().at("subproblems").as_array().size() == 1);
  }
  // An address is no host name.
  for (const char* address : {"127.0.0.1", "::1", "[::1]"}) {
    const auto refused =
        client.post(client.url("new-order"),
                    R"({"identifiers":[{"type":"dns","value":")" + std::string(address) + "\"}]}");
    CHECK(type_of(refused) == "rejectedIdentifier");
  }
  const auto two = client.order({"good.example", "bad_.example", "*.*.example"});
  CHECK(two.object().at("subproblems").as_array().size() == 2);
  CHECK(two.text("/subproblems/0/identifier/value") == "bad_.example");
  const auto type = client.post(client.url("new-order"),
                                R"({"identifiers":[{"type":"email","value":"a@b.example"}]})");
  CHECK(type_of(type) == "unsupportedIdentifier");
  // Names that only mean something inside are welcome.
  CHECK(client.order({"intranet", "db.internal", "xn--bcher-kva.example"}).status == 201);
}

TEST_CASE("50: bodies that are no orders") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  std::vector<std::string> many;
  for (int i = 0; i < 101; ++i) many.push_back("h" + std::to_string(i) + ".example");
  CHECK(type_of(client.order(many)) == "malformed");
  for (const char* body :
       {R"({})", R"({"identifiers":null})", R"({"identifiers":[]})", R"({"identifiers":{}})",
        R"({"identifiers":["a.example"]})", R"({"identifiers":[{"type":"dns"}]})",
        R"({"identifiers":[{"type":"dns","value":1}]})",
        R"({"identifiers":[{"type":1,"value":"a.example"}]})"}) {
    INFO(body);
    CHECK(type_of(client.post(client.url("new-order"), body)) == "malformed");
  }
}

TEST_CASE("51: a wildcard is proven by DNS, under its name without the star (7.1.4)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"*.w.example", "w.example"});
  const auto authorizations = order.object().at("authorizations").as_array();
  CHECK(authorizations.at(0) != authorizations.at(1));
  const auto wild = client.get(std::string(authorizations.at(0).as_string()));
  CHECK(wild.text("/identifier/value") == "w.example");
  CHECK(wild.text("/wildcard") == "true");
  REQUIRE(wild.object().at("challenges").as_array().size() == 1);
  CHECK(wild.text("/challenges/0/type") == "dns-01");
  const auto apex = client.get(std::string(authorizations.at(1).as_string()));
  CHECK_FALSE(apex.body.contains("wildcard"));
  CHECK(apex.object().at("challenges").as_array().size() == 3);
  client.prove(order, "dns-01");
  const auto done = client.finalize(order, client.make_csr({"w.example", "*.w.example"}));
  CHECK(done.text("/status") == "valid");
  acme.add_directory("http", [](Directory& row) { row.challenges = {"http-01"}; });
  client.directory = "http";
  REQUIRE(client.register_account().status == 201);
  CHECK(type_of(client.order({"*.w.example"})) == "rejectedIdentifier");
}

TEST_CASE("52: addresses (RFC 8738 sections 3 and 7)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"192.0.2.7", "2001:db8::7"});
  CHECK(order.status == 201);
  CHECK(order.text("/identifiers/0/type") == "ip");
  const auto shown = client.get(first_authorization(order));
  const auto challenges = shown.object().at("challenges").as_array();
  for (const auto& one : challenges) CHECK(one.at("type").as_string() != "dns-01");
  client.prove(order);
  const auto done = client.finalize(order, client.make_csr({"2001:db8::7", "192.0.2.7"}));
  CHECK(done.text("/status") == "valid");
  for (const char* address : {"2001:DB8::7", "2001:db8:0:0:0:0:0:7", "::ffff:192.0.2.7", "1.2.3",
                              "01.2.3.4", "fe80::1%eth0", "1.2.3.4/32"}) {
    INFO(address);
    const auto refused =
        client.post(client.url("new-order"),
                    R"({"identifiers":[{"type":"ip","value":")" + std::string(address) + "\"}]}");
    CHECK(type_of(refused) == "malformed");
  }
}

TEST_CASE("53: notBefore and notAfter (7.1.3)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const TimePoint now = acme.mount.clock.now();
  const auto at = [&](seconds offset) { return "\"" + rfc3339(now + offset) + "\""; };
  const seconds day{86'400};
  const auto done = client.obtain(
      {"a.example"}, R"(,"notBefore":)" + at(seconds{60}) + R"(,"notAfter":)" + at(6 * day));
  CHECK(done.text("/notAfter") == rfc3339(now + 6 * day));
  const auto certificate = client.certificate(done);
  CHECK(certificate.not_before() == now + seconds{60});
  CHECK(certificate.not_after() == now + 6 * day);
  for (const std::string& more :
       {R"(,"notAfter":)" + at(-day),
        R"(,"notBefore":)" + at(2 * day) + R"(,"notAfter":)" + at(day),
        std::string(R"(,"notAfter":"tomorrow")"), std::string(R"(,"notAfter":7)")}) {
    INFO(more);
    CHECK(type_of(client.order({"a.example"}, more)) == "malformed");
  }
}

TEST_CASE("54: a valid authorisation serves again, in its time, account and profile (7.1.4)") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.profiles = {{"standard", "role/acme", ""}, {"other", "role/acme", ""}};
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  REQUIRE(client.obtain({"a.example"}).text("/status") == "valid");
  CHECK(client.order({"a.example"}).text("/status") == "ready");
  CHECK(client.order({"a.example"}, R"(,"profile":"other")").text("/status") == "pending");
  TestAcme::Client stranger(acme);
  REQUIRE(stranger.register_account().status == 201);
  CHECK(stranger.order({"a.example"}).text("/status") == "pending");
  acme.mount.clock.advance(seconds{86'400});
  CHECK(client.order({"a.example"}).text("/status") == "pending");
}

TEST_CASE("55: an order is ready when all is valid and invalid when anything is not (7.1.6)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example", "b.example"});
  const auto status = [&] { return client.get(order.header("Location")).text("/status"); };
  client.answer_challenge(first_authorization(order), "http-01");
  acme.background->run();
  CHECK(status() == "pending");
  client.prove(order);
  CHECK(status() == "ready");
  CHECK(client.post(first_authorization(order), R"({"status":"deactivated"})").status == 200);
  const auto invalid = client.get(order.header("Location"));
  CHECK(invalid.text("/status") == "invalid");
  CHECK(invalid.text("/error/detail").contains("a.example"));
  const auto expiring = client.order({"c.example"});
  acme.mount.clock.advance(seconds{8 * 86'400});
  CHECK(client.get(expiring.header("Location")).text("/status") == "invalid");
  CHECK(client.get(first_authorization(expiring)).text("/status") == "invalid");
}

TEST_CASE("56: finalize wants a ready order, once (7.4)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  const std::string csr = client.make_csr({"a.example"});
  const auto early = client.finalize(order, csr);
  CHECK(early.status == 403);
  CHECK(type_of(early) == "orderNotReady");
  client.prove(order);
  REQUIRE(client.finalize(order, csr).text("/status") == "valid");
  const auto again = client.finalize(order, csr);
  CHECK(again.status == 403);
  CHECK(type_of(again) == "orderNotReady");
  const auto serials =
      acme.mount.store->index().list_serials(acme.mount.scope, {}, 100).value().size();
  CHECK(serials == 1);
}

TEST_CASE("two who finalize one order at once get one certificate") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.prove(order);
  const std::string location = order.header("Location");
  const std::string id = location.substr(location.find("/order/") + 7);
  const auto directory = acme.directory();
  const auto account = acme.core->accounts.find(directory->scope(), owner_of(id)).value();
  const auto view = acme.core->orders.find(directory->scope(), id).value();
  const Bytes csr = parse_base64(client.make_csr({"a.example"}), Base64::kUrl).value();
  Finalizer& finalizer = acme.core->finalizer;
  const auto commit = [&](record::WriteSet& writes) {
    return acme.mount.store->committer()
        .submit(std::move(writes))
        .wait(OnLane::outside_server())
        .has_value();
  };
  const auto finalize = [&] {
    constexpr auto kThread = enrol::Thread::kCpuLane;
    auto claim = finalizer.claim(*directory, *account, *view, csr, kThread);
    if (!claim || !commit((*claim)->writes)) return false;
    auto change = finalizer.make(*directory, *account, (*claim)->order, "req", kThread);
    return change && commit((*change)->writes);
  };
  std::atomic<int> made{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] { made += finalize() ? 1 : 0; });
    }
  }
  CHECK(made == 1);
  CHECK(acme.mount.store->index().list_serials(acme.mount.scope, {}, 100).value().size() == 1);
  CHECK(client.get(location).text("/status") == "valid");
}

TEST_CASE("57: nobody sees another account's rows (6.2, 10.5)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.obtain({"a.example"});
  const auto shown = client.get(first_authorization(order));
  TestAcme::Client stranger(acme);
  REQUIRE(stranger.register_account().status == 201);
  for (const std::string& url : {order.header("Location"), first_authorization(order),
                                 shown.text("/challenges/0/url"), order.text("/certificate")}) {
    INFO(url);
    const auto refused = stranger.get(url);
    CHECK(refused.status == 403);
    CHECK(type_of(refused) == "unauthorized");
    CHECK_FALSE(refused.body.contains("a.example"));
  }
  CHECK(stranger.finalize(order, stranger.make_csr({"a.example"})).status == 403);
  CHECK(stranger.post(shown.text("/challenges/0/url"), "{}").status == 403);
  CHECK(stranger.post(first_authorization(order), R"({"status":"deactivated"})").status == 403);
}

TEST_CASE("58, 59: requests that are not for the order, which stays ready (7.4)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example", "b.example"});
  client.prove(order);
  const std::vector<std::string> names{"a.example", "b.example"};
  const auto& key = client.certificate_key;
  Bytes forged = parse_base64(client.make_csr(names), Base64::kUrl).value();
  forged[forged.size() - 5] ^= 1;
  std::vector<std::string> many = names;
  for (int i = 0; i < 5000; ++i) many.push_back("h" + std::to_string(i) + ".example");
  const auto small = make_key({crypto::KeyAlgorithm::kEcdsaP256, 0});
  const std::string cases[] = {
      "AAAA",
      "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0",
      base64(forged, Base64::kUrl),
      client.make_csr({"a.example"}),
      client.make_csr({"a.example", "b.example", "c.example"}),
      client.make_csr({"a.example", "b.example", "192.0.2.1"}),
      client.make_csr({"a.example", "b.example", "email:x@a.example"}),
      client.make_csr({"a.example", "b.example", "URI:https://a.example/"}),
      client.make_csr(names, key, false, "c.example"),
      client.make_csr(names, key, true),
      client.make_csr(names, client.key),  // the account's key
      client.make_csr(many),
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    INFO(i);
    const auto refused = client.finalize(order, cases[i]);
    INFO(refused.body);
    if (refused.status == 413) continue;  // over the bound of a JWS
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "badCSR");
  }
  CHECK(type_of(client.post(order.text("/finalize"), R"({"csr":"A+/="})")) == "badCSR");
  CHECK(type_of(client.post(order.text("/finalize"), "{}")) == "badCSR");
  CHECK(client.get(order.header("Location")).text("/status") == "ready");
  CHECK(client.finalize(order, client.make_csr({"b.example", "a.example"})).text("/status") ==
        "valid");
}

TEST_CASE("58: a blocked key gets no certificate and is no account's") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.prove(order);
  const auto block = [&](const crypto::PrivateKey& key) {
    acme.mount.commit(acme.mount.service->blocked_keys()
                          .block(access::local_operator(acme.mount.scope),
                                 ca::spki_fingerprint(key.public_key().spki()), "leaked", "req")
                          .value());
  };
  block(client.certificate_key);
  CHECK(type_of(client.finalize(order, client.make_csr({"a.example"}))) == "badCSR");
  client.certificate_key = make_key();
  CHECK(client.finalize(order, client.make_csr({"a.example"})).text("/status") == "valid");
  TestAcme::Client other(acme);
  block(other.key);
  CHECK(type_of(other.register_account()) == "badPublicKey");
}

TEST_CASE("60: a name in the subject alone counts; an empty subject is fine (7.4)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  client.prove(order);
  const auto done = client.finalize(
      order, TestAcme::Client::make_csr({}, client.certificate_key, false, "a.example"));
  INFO(done.body);
  REQUIRE(done.text("/status") == "valid");
  CHECK(client.certificate(done).subject_alt_names().size() == 1);
}

TEST_CASE("63: an order that policy refuses is invalid and says why (7.1.6)") {
  TestAcme acme;
  acme.mount.add_role("narrow", [](policy::Role& role) {
    role.allow_any_name = false;
    role.allowed_domains = {"inside.example"};
    role.allow_subdomains = true;
    role.require_cn = false;
  });
  acme.add_directory("default",
                     [](Directory& row) { row.profiles = {{"standard", "role/narrow", ""}}; });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  // At newOrder already.
  const auto early = client.order({"a.inside.example", "early.example"});
  CHECK(type_of(early) == "rejectedIdentifier");
  CHECK(early.text("/subproblems/0/identifier/value") == "early.example");
  // And at finalize, when the rules have changed since.
  acme.add_directory("default", [](Directory&) {});
  const auto order = client.order({"outside.example"});
  client.prove(order);
  acme.add_directory("default",
                     [](Directory& row) { row.profiles = {{"standard", "role/narrow", ""}}; });
  const auto refused = client.finalize(order, client.make_csr({"outside.example"}));
  CHECK(type_of(refused) == "rejectedIdentifier");
  CHECK(refused.text("/detail").contains("outside.example"));
  const auto shown = client.get(order.header("Location"));
  CHECK(shown.text("/status") == "invalid");
  CHECK(shown.text("/error/type").ends_with("rejectedIdentifier"));
  CHECK(client.obtain({"a.inside.example"}).text("/status") == "valid");
}

TEST_CASE("64: authorisation before an order (7.4.1)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const std::string url = client.url("new-authz");
  const auto made = client.post(url, R"({"identifier":{"type":"dns","value":"a.example"}})");
  CHECK(made.status == 201);
  CHECK(made.text("/status") == "pending");
  client.answer_challenge(made.header("Location"), "http-01");
  acme.background->run();
  CHECK(client.order({"a.example"}).text("/status") == "ready");
  CHECK(type_of(client.post(url, R"({"identifier":{"type":"dns","value":"*.a.example"}})")) ==
        "malformed");
  CHECK(type_of(client.post(url, R"({"identifier":"a.example"})")) == "malformed");
  acme.add_directory("default", [](Directory& row) { row.pre_authorization = false; });
  CHECK(client.post(url, R"({"identifier":{"type":"dns","value":"b.example"}})").status == 404);
  CHECK_FALSE(client.send("GET", client.url("directory"), {}, {}).body.contains("newAuthz"));
}

TEST_CASE("65: deactivating an authorisation (7.5.2)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  const std::string url = first_authorization(order);
  CHECK(type_of(client.post(url, R"({"status":"valid"})")) == "malformed");
  CHECK(type_of(client.post(url, "{}")) == "malformed");
  const auto done = client.post(url, R"({"status":"deactivated"})");
  CHECK(done.status == 200);
  CHECK(done.text("/status") == "deactivated");
  CHECK(client.get(order.header("Location")).text("/status") == "invalid");
  CHECK(type_of(client.post(url, R"({"status":"deactivated"})")) == "malformed");
}

TEST_CASE("what is over is swept away, what may be asked for stays") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto abandoned = client.order({"a.example"});
  const auto kept = client.obtain({"b.example"});
  const auto count = [&](record::StateKind kind) {
    return acme.mount.store->state().list(kind, acme.directory()->scope(), {}, 100).value().size();
  };
  const auto sweep = [&] {
    for (const auto kind : {record::StateKind::kAcmeOrder, record::StateKind::kAcmeAuthorization,
                            record::StateKind::kAcmeLatest, record::StateKind::kAcmeCertificate}) {
      REQUIRE(acme.core->sweep.sweep_page(acme.directory()->scope(), kind, {}, 100).has_value());
      REQUIRE(acme.mount.store->committer().submit({}).wait(acme.mount.outside).has_value());
    }
  };
  sweep();
  CHECK(count(record::StateKind::kAcmeOrder) == 2);
  acme.mount.clock.advance(seconds{10 * 86'400});
  sweep();
  CHECK(count(record::StateKind::kAcmeOrder) == 1);
  CHECK(count(record::StateKind::kAcmeAuthorization) == 0);
  CHECK(count(record::StateKind::kAcmeLatest) == 0);
  CHECK(client.get(kept.text("/certificate")).status == 200);
  CHECK(client.get(abandoned.header("Location")).status == 404);
  acme.mount.clock.advance(seconds{90LL * 86'400});
  sweep();
  CHECK(count(record::StateKind::kAcmeOrder) == 0);
  CHECK(count(record::StateKind::kAcmeCertificate) == 0);
  // A removed directory leaves nothing.
  const record::Scope scope = acme.directory()->scope();
  acme.mount.commit(
      acme.core->directories.erase(access::local_operator(acme.mount.scope), "default", {}, "req")
          .value());
  CHECK(client.get(client.account).status == 404);
  for (int i = 0; i < 20; ++i) {
    acme.core->sweep.tend();
    REQUIRE(acme.mount.store->committer().submit({}).wait(acme.mount.outside).has_value());
  }
  CHECK(acme.mount.store->state()
            .list(record::StateKind::kAcmeAccount, scope, {}, 10)
            .value()
            .empty());
}

}  // namespace
}  // namespace chancery::acme
