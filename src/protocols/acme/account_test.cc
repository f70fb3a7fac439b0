#include "protocols/acme/test_acme.h"

// Accounts: RFC 8555 section 7.3.

namespace chancery::acme {
namespace {

TEST_CASE("32, 33: a key has one account (7.3, 7.3.1)") {
  TestAcme acme;
  auto& client = acme.client;
  const auto absent = client.register_account(R"({"onlyReturnExisting":true})");
  CHECK(absent.status == 400);
  CHECK(type_of(absent) == "accountDoesNotExist");
  const auto made = client.register_account(R"({"contact":["mailto:a@example.com"]})");
  CHECK(made.status == 201);
  CHECK(made.text("/contact") == R"(["mailto:a@example.com"])");
  CHECK(made.text("/orders") == client.account + "/orders");
  const auto again = client.register_account(R"({"contact":["mailto:b@example.com"]})");
  CHECK(again.status == 200);
  CHECK(again.header("Location") == made.header("Location"));
  CHECK(again.text("/contact") == R"(["mailto:a@example.com"])");
  CHECK(client.register_account(R"({"onlyReturnExisting":true})").status == 200);
}

TEST_CASE("34, 35: terms of service and their change (7.3.3)") {
  TestAcme acme;
  const auto set_terms = [&](const std::string& url) {
    acme.add_directory("default", [&](Directory& row) { row.terms_of_service = url; });
  };
  set_terms("https://ca.example/terms-1");
  auto& client = acme.client;
  const auto refused = client.register_account("{}");
  CHECK(refused.status == 403);
  CHECK(type_of(refused) == "userActionRequired");
  CHECK(refused.text("/instance") == "https://ca.example/terms-1");
  CHECK(refused.header("Link") == "<https://ca.example/terms-1>;rel=\"terms-of-service\"");
  REQUIRE(client.register_account().status == 201);
  CHECK(client.order({"a.example"}).status == 201);
  set_terms("https://ca.example/terms-2");
  const auto changed = client.order({"b.example"});
  CHECK(changed.status == 403);
  CHECK(type_of(changed) == "userActionRequired");
  CHECK(changed.text("/instance") == "https://ca.example/terms-2");
  CHECK(client.post(client.account, R"({"termsOfServiceAgreed":true})").status == 200);
  CHECK(client.order({"b.example"}).status == 201);
}

TEST_CASE("36: contacts (7.3)") {
  TestAcme acme;
  const std::pair<const char*, const char*> cases[] = {
      {"", "invalidContact"},
      {"mailto:", "invalidContact"},
      {"mailto:a@b.example,c@d.example", "invalidContact"},
      {"mailto:a@b.example?subject=x", "invalidContact"},
      {"mailto:nobody", "invalidContact"},
      {"mailto:a@@b.example", "invalidContact"},
      {"tel:+49123", "unsupportedContact"},
      {"https://a.example", "unsupportedContact"},
  };
  for (const auto& [contact, type] : cases) {
    INFO(contact);
    const auto refused =
        acme.client.register_account(R"({"contact":[")" + std::string(contact) + "\"]}");
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == type);
  }
  CHECK(type_of(acme.client.register_account(R"({"contact":"mailto:a@b.example"})")) ==
        "malformed");
  CHECK(type_of(acme.client.register_account(R"({"contact":[1]})")) == "malformed");
}

TEST_CASE("37, 38: changing an account (7.3.2)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account(R"({"contact":["mailto:a@example.com"]})").status == 201);
  const auto changed = client.post(client.account, R"({"contact":[],"unknown":{"x":1}})");
  CHECK(changed.status == 200);
  CHECK(changed.text("/contact") == "[]");
  CHECK_FALSE(changed.body.contains("unknown"));
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  const auto foreign = client.post(other.account, R"({"contact":[]})");
  CHECK(foreign.status == 403);
  CHECK(type_of(foreign) == "unauthorized");
  CHECK_FALSE(foreign.body.contains("contact"));
}

TEST_CASE("39: the list of orders, in pages, without what is invalid (7.1.2.1)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  for (int i = 0; i < 60; ++i) {
    REQUIRE(client.order({"host" + std::to_string(i) + ".example"}).status == 201);
  }
  const auto first = client.get(client.account + "/orders");
  CHECK(first.object().at("orders").as_array().size() == 50);
  std::string next;
  for (const http::Header& one : first.headers) {
    if (one.name == "Link" && one.value.ends_with("rel=\"next\""))
      next = one.value.substr(1, one.value.find('>') - 1);
  }
  REQUIRE_FALSE(next.empty());
  const auto second = client.get(next);
  CHECK(second.object().at("orders").as_array().size() == 10);
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  CHECK(type_of(other.get(client.account + "/orders")) == "unauthorized");
  acme.validator.outcomes["bad.example"] =
      ScriptedValidator::failure(validation::Problem::kUnauthorized);
  TestAcme::Client third(acme);
  REQUIRE(third.register_account().status == 201);
  const auto order = third.order({"bad.example"});
  CHECK(third.get(third.account + "/orders").object().at("orders").as_array().size() == 1);
  third.prove(order);
  CHECK(third.get(third.account + "/orders").object().at("orders").as_array().empty());
}

struct Binding {
  std::string id;
  Bytes key;
};

Binding bind(TestAcme& acme, const Eabs::Order& order = {}, const std::string& name = "default") {
  const auto made = acme.mount.commit(
      acme.core->eabs
          .create(access::local_operator(acme.mount.scope), *acme.directory(name), order, "req-eab")
          .value());
  return {made.id, made.row.key};
}

struct Inner {
  std::string alg = "HS256";
  std::string kid;
  std::string url;
  std::string payload;
  Bytes key;
  std::string more;
};

std::string mac_of(const Inner& inner) {
  const std::string header = R"({"alg":")" + inner.alg + R"(","kid":")" + inner.kid +
                             R"(","url":")" + inner.url + "\"" + inner.more + "}";
  const auto hash = inner.alg == "HS384"   ? crypto::DigestAlgorithm::kSha384
                    : inner.alg == "HS512" ? crypto::DigestAlgorithm::kSha512
                                           : crypto::DigestAlgorithm::kSha256;
  const Bytes mac =
      crypto::hmac(hash, inner.key, as_bytes(url64(header) + "." + url64(inner.payload)));
  return envelope(header, inner.payload, base64(mac, Base64::kUrl));
}

Inner inner_of(const TestAcme::Client& client, const Binding& binding) {
  Inner inner;
  inner.kid = binding.id;
  inner.url = client.url("new-account");
  inner.payload = jwk_of(client.key.public_key());
  inner.key = binding.key;
  return inner;
}

std::string bound(const Inner& inner) {
  return R"({"termsOfServiceAgreed":true,"externalAccountBinding":)" + mac_of(inner) + "}";
}

TEST_CASE("40, 41, 42: external account binding (7.3.4)") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) { row.eab_required = true; });
  auto& client = acme.client;
  const auto missing = client.register_account();
  CHECK(missing.status == 403);
  CHECK(type_of(missing) == "externalAccountRequired");
  for (const char* alg : {"HS256", "HS384", "HS512"}) {
    TestAcme::Client one(acme);
    Inner inner = inner_of(one, bind(acme));
    inner.alg = alg;
    CHECK(one.register_account(bound(inner)).status == 201);
  }
  const Binding binding = bind(acme);
  const Inner good = inner_of(client, binding);
  const auto refused = [&](const Inner& inner) {
    return type_of(client.register_account(bound(inner)));
  };
  Inner wrong = good;
  wrong.key[0] ^= 1;
  CHECK(refused(wrong) == "unauthorized");
  wrong = good;
  wrong.url = client.url("new-order");
  CHECK(refused(wrong) == "malformed");
  wrong = good;
  wrong.more = R"(,"nonce":"x")";
  CHECK(refused(wrong) == "malformed");
  wrong = good;
  wrong.payload = jwk_of(make_key().public_key());
  CHECK(refused(wrong) == "malformed");
  wrong = good;
  wrong.kid = "nobody";
  CHECK(refused(wrong) == "unauthorized");
  wrong = good;
  wrong.alg = "RS256";
  CHECK(refused(wrong) == "malformed");
  // None of that has used it up; this does.
  CHECK(client.register_account(bound(good)).status == 201);
  TestAcme::Client second(acme);
  CHECK(type_of(second.register_account(bound(inner_of(second, binding)))) == "unauthorized");
  const auto row = acme.core->eabs.find(acme.directory()->scope(), binding.id).value();
  CHECK(row->value.key.empty());  // nobody needs it any more
  // Revoked and expired ones.
  const Binding revoked = bind(acme);
  acme.mount.commit(acme.core->eabs
                        .revoke(access::local_operator(acme.mount.scope), *acme.directory(),
                                revoked.id, "req-revoke")
                        .value());
  CHECK(type_of(second.register_account(bound(inner_of(second, revoked)))) == "unauthorized");
  Eabs::Order brief;
  brief.lifetime = seconds{60};
  const Binding expired = bind(acme, brief);
  acme.mount.clock.advance(seconds{61});
  CHECK(type_of(second.register_account(bound(inner_of(second, expired)))) == "unauthorized");
}

TEST_CASE("43: a binding is of its directory") {
  TestAcme acme;
  acme.add_directory("other");
  const Binding binding = bind(acme, {}, "other");
  CHECK(type_of(acme.client.register_account(bound(inner_of(acme.client, binding)))) ==
        "unauthorized");
}

TEST_CASE("of those who race for one binding or one key one gets an account") {
  TestAcme acme;
  const Binding binding = bind(acme);
  const auto eab = acme.core->eabs.find(acme.directory()->scope(), binding.id).value();
  Accounts::Wanted wanted;
  wanted.eab = binding.id;
  wanted.eab_version = eab->version;
  std::vector<record::Staged<LoadedAccount>> staged;
  for (int i = 0; i < 5; ++i) {
    const auto key = make_key();
    const auto jwk = jose::parse_jwk(jose::parse_json(jwk_of(key.public_key())).value()).value();
    staged.push_back(acme.core->accounts.create(*acme.directory(), jwk, wanted, "req").value());
  }
  const auto jwk =
      jose::parse_jwk(jose::parse_json(jwk_of(make_key().public_key())).value()).value();
  for (int i = 0; i < 5; ++i)
    staged.push_back(acme.core->accounts.create(*acme.directory(), jwk, {}, "req").value());
  std::vector<Ticket> tickets;
  for (auto& one : staged) tickets.push_back(one.submit(acme.mount.store->committer()));
  int with_binding = 0;
  int with_key = 0;
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    const bool done = tickets[i].wait(acme.mount.outside).has_value();
    (i < 5 ? with_binding : with_key) += done ? 1 : 0;
  }
  CHECK(with_binding == 1);
  CHECK(with_key == 1);
}

std::string key_change(const crypto::PrivateKey& next, const std::string& account,
                       const std::string& old_key, const std::string& url,
                       const std::string& more = "") {
  const std::string header = R"({"alg":")" + algorithm_name(next) + R"(","jwk":)" +
                             jwk_of(next.public_key()) + R"(,"url":")" + url + "\"" + more + "}";
  return jws(next, header, R"({"account":")" + account + R"(","oldKey":)" + old_key + "}");
}

TEST_CASE("44, 45: changing the key (7.3.5)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  const std::string url = client.url("key-change");
  const std::string old_jwk = jwk_of(client.key.public_key());
  auto next = make_key({crypto::KeyAlgorithm::kEcdsaP384, 0});
  const auto change = [&](const std::string& inner) { return client.post(url, inner); };
  CHECK(type_of(change(key_change(next, client.url("acct/x"), old_jwk, url))) == "malformed");
  CHECK(type_of(change(key_change(next, client.account, jwk_of(next.public_key()), url))) ==
        "malformed");
  CHECK(type_of(change(key_change(next, client.account, old_jwk, client.account))) == "malformed");
  CHECK(type_of(change(key_change(next, client.account, old_jwk, url, R"(,"nonce":"x")"))) ==
        "malformed");
  CHECK(type_of(change(key_change(client.key, client.account, old_jwk, url))) == "malformed");
  // Signed by another key than the one it names.
  std::string forged = key_change(next, client.account, old_jwk, url);
  const auto stranger = make_key({crypto::KeyAlgorithm::kEcdsaP384, 0});
  const std::string header =
      R"({"alg":"ES384","jwk":)" + jwk_of(next.public_key()) + R"(,"url":")" + url + "\"}";
  CHECK(type_of(change(jws(stranger, header,
                           R"({"account":")" + client.account + R"(","oldKey":)" + old_jwk +
                               "}"))) == "malformed");
  CHECK(type_of(change(R"({"payload":"e30","protected":"e30","signature":"AAAA"})")) ==
        "malformed");
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  const auto taken = change(key_change(other.key, client.account, old_jwk, url));
  CHECK(taken.status == 409);
  CHECK(taken.header("Location") == other.account);

  CHECK(change(forged).status == 200);  // it was honest
  crypto::PrivateKey old = std::exchange(client.key, std::move(next));
  CHECK(client.get(order.header("Location")).text("/status") == "pending");
  CHECK(client.register_account(R"({"onlyReturnExisting":true})").status == 200);
  std::swap(client.key, old);
  CHECK(type_of(client.get(order.header("Location"))) == "malformed");  // the old key signs nothing
  CHECK(type_of(client.register_account(R"({"onlyReturnExisting":true})")) ==
        "accountDoesNotExist");
}

TEST_CASE("46, 47: deactivation is for good (7.3.6)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.obtain({"a.example"});
  const auto certificate = client.certificate(order);
  CHECK(type_of(client.post(client.account, R"({"status":"revoked"})")) == "malformed");
  const auto done = client.post(client.account, R"({"status":"deactivated"})");
  CHECK(done.status == 200);
  CHECK(done.text("/status") == "deactivated");
  for (const auto& refused :
       {client.get(client.account), client.post(client.account, R"({"status":"valid"})"),
        client.order({"b.example"}), client.register_account()}) {
    CHECK(refused.status == 401);
    CHECK(type_of(refused) == "unauthorized");
  }
  // The certificate's own key still revokes it.
  const std::string der = base64(certificate.der(), Base64::kUrl);
  CHECK(client
            .post_with_key(client.certificate_key, client.url("revoke-cert"),
                           R"({"certificate":")" + der + "\"}")
            .status == 200);
}

TEST_CASE("bounds of a binding hold for its account") {
  TestAcme acme;
  acme.add_directory("default", [](Directory& row) {
    row.profiles = {{"standard", "role/acme", ""}, {"long", "role/acme", ""}};
  });
  Eabs::Order order;
  order.bounds.suffixes = {"web.example"};
  order.bounds.names = {"one.example"};
  order.bounds.networks = {"10.0.0.0/8"};
  order.bounds.profiles = {"standard"};
  order.bounds.max_lifetime = seconds{3600};
  order.bounds.orders_per_day = 6;
  order.bounds.skip_challenges = true;
  auto& client = acme.client;
  REQUIRE(client.register_account(bound(inner_of(client, bind(acme, order)))).status == 201);
  for (const char* name : {"two.example", "notweb.example", "11.0.0.1", "x.one.example"}) {
    INFO(name);
    const auto refused = client.order({name});
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "rejectedIdentifier");
    CHECK(refused.text("/subproblems/0/identifier/value") == name);
  }
  CHECK(type_of(client.order({"one.example"}, R"(,"profile":"long")")) == "invalidProfile");
  const auto ready = client.order({"one.example", "a.web.example", "*.web.example", "10.1.2.3"});
  CHECK(ready.text("/status") == "ready");  // nothing to prove
  CHECK(acme.validator.attempts.empty());
  const auto done = client.finalize(
      ready, client.make_csr({"one.example", "a.web.example", "*.web.example", "10.1.2.3"}));
  INFO(done.body);
  REQUIRE(done.text("/status") == "valid");
  const auto certificate = client.certificate(done);
  CHECK(certificate.not_after() <= acme.mount.clock.now() + seconds{3600});
  for (int i = 0; i < 5; ++i) CHECK(client.order({"one.example"}).status == 201);
  const auto limited = client.order({"one.example"});
  CHECK(limited.status == 429);
  CHECK(type_of(limited) == "rateLimited");
  CHECK_FALSE(limited.header("Retry-After").empty());
}

}  // namespace
}  // namespace chancery::acme
