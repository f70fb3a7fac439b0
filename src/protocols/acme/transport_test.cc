#include <thread>

#include "protocols/acme/test_acme.h"

// Transport and JWS: RFC 8555 section 6. The numbers are those of the list of assertions that
// docs/protocols/acme.md answers.

namespace chancery::acme {
namespace {

std::string with_host(std::string url, std::string_view host) {
  const std::size_t begin = url.find("//") + 2;
  return url.replace(begin, url.find('/', begin) - begin, host);
}

TEST_CASE("1, 2: the directory tells absolute URLs of the host it was reached by (7.1.1)") {
  TestAcme acme;
  const auto shown = acme.client.send("GET", acme.client.url("directory"), {}, {});
  CHECK(shown.status == 200);
  CHECK(shown.type == "application/json");
  CHECK(shown.text("/newNonce") == "https://ca.example/acme/default/new-nonce");
  for (const char* member :
       {"newAccount", "newOrder", "newAuthz", "revokeCert", "keyChange", "renewalInfo"}) {
    CHECK(shown.text(std::string("/") + member).starts_with("https://ca.example/acme/default/"));
  }
  // Only what is set.
  CHECK(shown.text("/meta/profiles/standard") == "ninety days");
  CHECK(shown.text("/meta/termsOfService").find("absent") != std::string::npos);
  CHECK(shown.text("/meta/externalAccountRequired").find("absent") != std::string::npos);
  const auto alias = acme.client.send(
      "GET", with_host(acme.client.url("directory"), "alias.example:8443"), {}, {});
  CHECK(alias.text("/newNonce") == "https://alias.example:8443/acme/default/new-nonce");
  acme.add_directory("named", [](Directory& row) { row.hosts = {"ca.example"}; });
  acme.client.directory = "named";
  CHECK(acme.client.send("GET", acme.client.url("directory"), {}, {}).status == 200);
  CHECK(acme.client.send("GET", with_host(acme.client.url("directory"), "evil.example"), {}, {})
            .status == 400);
  acme.client.directory = "nowhere";
  CHECK(acme.client.send("GET", acme.client.url("directory"), {}, {}).status == 404);
}

TEST_CASE("3, 5: nonces (7.2, 6.5.1)") {
  TestAcme acme;
  const auto head = acme.client.send("HEAD", acme.client.url("new-nonce"), {}, {});
  CHECK(head.status == 200);
  CHECK(head.header("Cache-Control") == "no-store");
  CHECK(head.header("Link") == "<https://ca.example/acme/default/directory>;rel=\"index\"");
  CHECK(acme.client.send("GET", acme.client.url("new-nonce"), {}, {}).status == 204);
  FakeRandom random(3);
  Nonces nonces(random);
  std::set<std::string> seen;
  for (int i = 0; i < 100'000; ++i) {
    const std::string nonce = nonces.make();
    REQUIRE(parse_base64(nonce, Base64::kUrl).value().size() >= 16);
    REQUIRE(seen.insert(nonce).second);
  }
}

TEST_CASE("6, 7: a nonce is good once, here and in this run of the program (6.5)") {
  FakeRandom random(3);
  Nonces nonces(random);
  const std::string nonce = nonces.make();
  CHECK(nonces.redeem(nonce));
  CHECK_FALSE(nonces.redeem(nonce));
  CHECK_FALSE(nonces.redeem(""));
  CHECK_FALSE(nonces.redeem(nonce.substr(1)));
  CHECK_FALSE(nonces.redeem(nonce + "A"));
  Nonces other(random);  // another run has another key
  CHECK_FALSE(other.redeem(nonces.make()));
  // Beyond the window.
  const std::string old = nonces.make();
  const std::string latest = nonces.make();
  for (std::uint64_t i = 0; i + 1 < Nonces::kWindow; ++i) (void)nonces.make();
  CHECK_FALSE(nonces.redeem(old));
  CHECK(nonces.redeem(latest));
}

TEST_CASE("10: of a hundred who use one nonce at once one succeeds") {
  FakeRandom random(3);
  Nonces nonces(random);
  for (int round = 0; round < 20; ++round) {
    const std::string nonce = nonces.make();
    std::atomic<int> accepted{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&] {
          for (int k = 0; k < 10; ++k) accepted += nonces.redeem(nonce) ? 1 : 0;
        });
      }
    }
    CHECK(accepted == 1);
  }
}

TEST_CASE("4, 6, 7, 8: every answer to a POST has a new nonce, refusals too (6.5, 6.5.1)") {
  TestAcme acme;
  auto& client = acme.client;
  const std::string url = client.url("new-account");
  const std::string nonce = client.take_nonce();
  const std::string body =
      jws(client.key, client.header(client.key, client.by_key(client.key), url, nonce),
          R"({"termsOfServiceAgreed":true})");
  CHECK(client.send("POST", url, body).status == 201);
  const auto again = client.send("POST", url, body);
  CHECK(again.status == 400);
  CHECK(type_of(again) == "badNonce");
  CHECK_FALSE(again.header("Replay-Nonce").empty());
  CHECK(client.register_account().status == 200);  // with the new one
  for (const std::string& bad : {std::string(), nonce.substr(0, 20), std::string(32, 'A')}) {
    const auto refused = client.send(
        "POST", url,
        jws(client.key, client.header(client.key, client.by_key(client.key), url, bad), "{}"));
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "badNonce");
    CHECK_FALSE(refused.header("Replay-Nonce").empty());
  }
  const auto none = client.send(
      "POST", url,
      jws(client.key,
          R"({"alg":"ES256",)" + client.by_key(client.key) + R"(,"url":")" + url + "\"}", "{}"));
  CHECK(type_of(none) == "badNonce");
  const auto garbage = client.send("POST", url, "garbage");
  CHECK(garbage.status == 400);
  CHECK(garbage.type == "application/problem+json");
  CHECK_FALSE(garbage.header("Replay-Nonce").empty());
}

TEST_CASE("9, 25, 26: envelopes that are refused (6.2)") {
  TestAcme acme;
  auto& client = acme.client;
  const std::string url = client.url("new-account");
  CHECK(client.send("POST", url, "{}", "text/plain").status == 415);
  CHECK(client.send("POST", url, "{}", "application/jose+json; charset=utf-8").status == 415);
  CHECK(client.send("POST", url, "{}", {}).status == 415);
  CHECK(client.send("POST", url, "").status == 400);
  CHECK(client.send("POST", url, std::string(100'000, ' ')).status == 413);
  client.more_headers = {{"Replay-Nonce", "x"}};
  CHECK(type_of(client.send("POST", url, "{}")) == "malformed");
}

TEST_CASE("11: the url of the header is that of the request (6.4)") {
  TestAcme acme;
  auto& client = acme.client;
  const std::string url = client.url("new-account");
  const auto posted = [&](const std::string& claimed) {
    return client.send(
        "POST", url,
        jws(client.key,
            client.header(client.key, client.by_key(client.key), claimed, client.take_nonce()),
            "{}"));
  };
  for (const std::string& wrong :
       {client.url("new-order"), url + "?x=1", url + "/", std::string("http") + url.substr(5),
        with_host(url, "other.example"), std::string("new-account")}) {
    INFO(wrong);
    const auto refused = posted(wrong);
    CHECK(refused.status == 403);
    CHECK(type_of(refused) == "unauthorized");
  }
  const auto absent = client.send("POST", url,
                                  jws(client.key,
                                      R"({"alg":"ES256",)" + client.by_key(client.key) +
                                          R"(,"nonce":")" + client.take_nonce() + "\"}",
                                      "{}"));
  CHECK(type_of(absent) == "malformed");
}

TEST_CASE("12, 13, 14: jwk or kid, as the resource wants it (6.2)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto posted = [&](const std::string& url, const std::string& who) {
    return client.send(
        "POST", url,
        jws(client.key, client.header(client.key, who, url, client.take_nonce()), "{}"));
  };
  const std::string order = client.url("new-order");
  const std::string account = client.url("new-account");
  CHECK(type_of(posted(order, client.by_key(client.key) + "," + client.by_account())) ==
        "malformed");
  CHECK(type_of(posted(order, R"("x":1)")) == "malformed");
  CHECK(type_of(posted(account, client.by_account())) == "malformed");
  CHECK(type_of(posted(order, client.by_key(client.key))) == "malformed");
  for (const std::string& kid :
       {client.url("acct/AAAAAAAAAAAAAAAAAAAAAA"), with_host(client.account, "other.example"),
        client.account + "/", std::string("1")}) {
    INFO(kid);
    const auto refused = posted(order, R"("kid":")" + kid + '"');
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "accountDoesNotExist");
  }
  // An account of another directory is none here, whatever the URL says.
  acme.add_directory("other");
  const std::string here = client.account;
  client.directory = "other";
  const std::string there = client.url("new-order");
  CHECK(type_of(posted(there, R"("kid":")" + here + '"')) == "accountDoesNotExist");
  const std::string id = here.substr(here.rfind('/') + 1);
  CHECK(type_of(posted(there, R"("kid":")" + client.url("acct/" + id) + '"')) ==
        "accountDoesNotExist");
}

TEST_CASE("15, 16, 19, 24: algorithms and signatures (6.2)") {
  TestAcme acme;
  auto& client = acme.client;
  const std::string url = client.url("new-account");
  const std::string key = client.by_key(client.key);
  const auto posted = [&](std::string_view alg, const auto& signer) {
    const std::string header = R"({"alg":")" + std::string(alg) + R"(","nonce":")" +
                               client.take_nonce() + R"(","url":")" + url + R"(",)" + key + "}";
    return client.send("POST", url,
                       envelope(header, "{}", signer(url64(header) + "." + url64("{}"))));
  };
  const auto honest = [&](const std::string& input) { return sign(client.key, input); };
  for (const char* alg : {"none", "HS256", "HS512", "RS384", "RS512", "PS256", "es256", ""}) {
    INFO(alg);
    const auto refused = posted(alg, honest);
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "badSignatureAlgorithm");
    CHECK(refused.object().at("algorithms").as_array().size() == 5);
  }
  for (const char* alg : {"ES384", "RS256", "EdDSA"})
    CHECK(type_of(posted(alg, honest)) == "malformed");
  // A MAC with the public key as its secret is what RS/HS confusion would take.
  CHECK(type_of(posted("HS256", [&](const std::string& input) {
          return base64(crypto::hmac(crypto::DigestAlgorithm::kSha256,
                                     client.key.public_key().spki(), as_bytes(input)),
                        Base64::kUrl);
        })) == "badSignatureAlgorithm");
  const auto in_der = [&](const std::string& input) {
    return base64(client.key.sign(crypto::SignatureScheme::kEcdsaSha256, as_bytes(input)).value(),
                  Base64::kUrl);
  };
  const auto flipped = [&](const std::string& input) {
    Bytes bits = parse_base64(sign(client.key, input), Base64::kUrl).value();
    bits[10] ^= 1;
    return base64(bits, Base64::kUrl);
  };
  const auto zero_r = [&](const std::string& input) {
    Bytes bits = parse_base64(sign(client.key, input), Base64::kUrl).value();
    std::fill_n(bits.begin(), 32, std::uint8_t{0});
    return base64(bits, Base64::kUrl);
  };
  const auto too_long = [&](const std::string& input) {
    Bytes bits = parse_base64(sign(client.key, input), Base64::kUrl).value();
    bits.push_back(0);
    return base64(bits, Base64::kUrl);
  };
  for (const auto& refused : {posted("ES256", in_der), posted("ES256", flipped),
                              posted("ES256", zero_r), posted("ES256", too_long)}) {
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "malformed");
  }
}

TEST_CASE("17: accounts sign with each algorithm that is offered") {
  TestAcme acme;
  using enum crypto::KeyAlgorithm;
  for (const crypto::KeyType type : {crypto::KeyType{kEcdsaP256, 0}, crypto::KeyType{kEcdsaP384, 0},
                                     crypto::KeyType{kEcdsaP521, 0}, crypto::KeyType{kEd25519, 0},
                                     crypto::KeyType{kRsa, 2048}}) {
    INFO(crypto::to_string(type));
    TestAcme::Client client(acme);
    client.key = make_key(type);
    CHECK(client.register_account().status == 201);
    CHECK(client.get(client.account).text("/status") == "valid");
  }
}

TEST_CASE("18: weak keys are no account keys") {
  TestAcme acme;
  auto& client = acme.client;
  const std::string url = client.url("new-account");
  const auto with = [&](const std::string& jwk, std::string_view alg) {
    const std::string header = R"({"alg":")" + std::string(alg) + R"(","nonce":")" +
                               client.take_nonce() + R"(","url":")" + url + R"(","jwk":)" + jwk +
                               "}";
    return client.send("POST", url, envelope(header, "{}", "AAAA"));
  };
  const std::string small = std::string(170, 'v') + "0";  // 1024 bits
  const std::string exponent_one =
      R"({"kty":"RSA","e":"AQ","n":")" + std::string(341, 'v') + "w\"}";
  CHECK(type_of(with(R"({"kty":"RSA","e":"AQAB","n":")" + small + "\"}", "RS256")) ==
        "badPublicKey");
  CHECK(type_of(with(exponent_one, "RS256")) == "badPublicKey");
  CHECK(type_of(with(R"({"kty":"EC","crv":"P-224","x":"AAAA","y":"AAAA"})", "ES256")) ==
        "badPublicKey");
  const std::string nowhere = R"({"kty":"EC","crv":"P-256","x":")" + std::string(43, 'A') +
                              R"(","y":")" + std::string(43, 'A') + "\"}";
  CHECK(type_of(with(nowhere, "ES256")) == "badPublicKey");
}

TEST_CASE("20, 21, 22, 23: serializations that ACME does not have (6.2)") {
  TestAcme acme;
  auto& client = acme.client;
  const std::string url = client.url("new-account");
  const auto good = [&] {
    return jws(client.key,
               client.header(client.key, client.by_key(client.key), url, client.take_nonce()),
               "{}");
  };
  const auto refused = [&](const std::string& body) {
    const auto answer = client.send("POST", url, body);
    return answer.status == 400 && type_of(answer) == "malformed";
  };
  std::string body = good();
  CHECK(refused(body.substr(0, body.size() - 1) + R"(,"header":{"kid":"x"}})"));
  CHECK(refused(R"({"payload":"e30","signatures":[{"protected":"e30","signature":"AA"}]})"));
  CHECK(refused("eyJhbGciOiJFUzI1NiJ9.e30.AAAA"));
  CHECK(refused(body.substr(0, body.size() - 2) + "=\"}"));
  CHECK(refused(R"({"protected":"e30","protected":"e30","payload":"","signature":"AA"})"));
}

TEST_CASE("27, 28: what is read is read by POST-as-GET (6.3)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example"});
  const std::string authorization =
      std::string(order.object().at("authorizations").as_array().front().as_string());
  for (const std::string& url : {client.account, order.header("Location"), authorization,
                                 client.account + "/orders", client.url("new-order")}) {
    INFO(url);
    const auto refused = client.send("GET", url, {}, {});
    CHECK(refused.status == 405);
    CHECK(type_of(refused) == "malformed");
    CHECK(refused.header("Allow") == "POST");
  }
  CHECK(type_of(client.post(order.header("Location"), "{}")) == "malformed");
  CHECK(type_of(client.post(client.account + "/orders", "{}")) == "malformed");
  CHECK(type_of(client.post(client.url("new-order"), "")) == "malformed");
  // "" only reads a challenge.
  const auto shown = client.get(authorization);
  const std::string challenge = shown.text("/challenges/0/url");
  CHECK(client.post(challenge, "").text("/status") == "pending");
  CHECK(acme.background->run() == 0);
}

TEST_CASE("29, 30, 31: headers (6.1, 6.7)") {
  TestAcme acme;
  const auto answer = acme.client.register_account();
  CHECK(answer.header("Access-Control-Expose-Headers").contains("Replay-Nonce"));
  CHECK(answer.header("Access-Control-Allow-Origin") == "*");
  const auto refused = acme.client.order({});
  CHECK(refused.type == "application/problem+json");
  CHECK(refused.text("/status") == std::to_string(refused.status));
  CHECK_FALSE(refused.text("/detail").empty());
  const auto options = acme.client.send("OPTIONS", acme.client.url("new-order"), {}, {});
  CHECK(options.status == 204);
  CHECK(options.header("Access-Control-Allow-Methods") == "POST");
}

TEST_CASE("a store that is far away is read on lanes only") {
  TestAcme acme(enrol::TestMount::Distance::kRemote);
  acme.mount.remote->may_read = true;
  const auto shown = acme.client.send("GET", acme.client.url("directory"), {}, {});
  CHECK(shown.lanes.size() == 1);
  CHECK(acme.client.register_account().lanes.size() == 1);
}

TEST_CASE("signatures that are slow to check are checked on the cpu lane") {
  using enum crypto::KeyAlgorithm;
  const std::vector<http::Lane> cpu{http::Lane::kCpu};
  TestAcme acme;
  auto& quick = acme.client;
  CHECK(quick.register_account().lanes.empty());
  CHECK(quick.order({"a.example"}).lanes.empty());
  TestAcme::Client slow(acme);
  slow.key = make_key({kEcdsaP521, 0});
  const auto made = slow.register_account();
  CHECK(made.status == 201);
  CHECK(made.lanes == cpu);
  const auto ordered = slow.order({"a.example"});
  CHECK(ordered.status == 201);
  CHECK(ordered.lanes == cpu);
  // Nobody gets in by a detour.
  CHECK(slow.send("POST", slow.url("new-order"),
                  jws(make_key({kEcdsaP521, 0}),
                      slow.header(slow.key, slow.by_account(), slow.url("new-order"),
                                  slow.take_nonce()),
                      "{}"))
            .status == 400);
  // The new key of an account signs as well.
  const auto next = make_key({kEcdsaP521, 0});
  const std::string url = quick.url("key-change");
  const std::string header =
      R"({"alg":"ES512","jwk":)" + jwk_of(next.public_key()) + R"(,"url":")" + url + "\"}";
  const auto changed = quick.post(url, jws(next, header,
                                           R"({"account":")" + quick.account + R"(","oldKey":)" +
                                               jwk_of(quick.key.public_key()) + "}"));
  CHECK(changed.status == 200);
  CHECK(changed.lanes == cpu);
}

}  // namespace
}  // namespace chancery::acme
