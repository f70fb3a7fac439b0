#include "protocols/acme/test_acme.h"

// Challenges, finalize and certificates: RFC 8555 sections 7.4, 7.5 and 8.

namespace chancery::acme {
namespace {

using validation::Problem;

TEST_CASE("61, 62, 63: an order from newOrder to certificate (7.4, 7.4.2)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example", "b.example"});
  CHECK(order.status == 201);
  CHECK(order.text("/status") == "pending");
  CHECK_FALSE(order.header("Location").empty());
  client.prove(order);
  REQUIRE(acme.validator.attempts.size() == 2);
  const auto& attempt = acme.validator.attempts.front();
  CHECK(attempt.method == validation::Method::kHttp01);
  CHECK(attempt.key_authorization.starts_with(attempt.token + "."));
  CHECK(attempt.token.size() >= 22);
  CHECK(client.get(order.header("Location")).text("/status") == "ready");
  const auto done = client.finalize(order, client.make_csr({"b.example", "a.example"}));
  INFO(done.body);
  CHECK(done.status == 200);
  CHECK(done.text("/status") == "valid");
  CHECK(done.header("Location") == order.header("Location"));
  const auto answer = client.get(done.text("/certificate"));
  CHECK(answer.type == "application/pem-certificate-chain");
  const auto chain = x509::Certificate::all_from_pem(answer.body).value();
  CHECK(chain.size() == 2);  // the root is left out
  CHECK(chain.front().subject_alt_names().size() == 2);
  CHECK(answer.body.starts_with("-----BEGIN CERTIFICATE-----\n"));
  CHECK(equal(chain.front().spki(), client.certificate_key.public_key().spki()));
  // The order still tells where the certificate is.
  CHECK(client.get(order.header("Location")).text("/certificate") == done.text("/certificate"));
}

TEST_CASE("62: other chains of the same issuer are alternates (7.4.2)") {
  TestAcme acme;
  auto& mount = acme.mount;
  const auto issuing = mount.service->authority(mount.scope, "issuing").value();
  policy::CaRequest request;
  request.profile = "issuing-ca";
  request.subject = issuing->certificate().subject();
  request.public_key = issuing->public_key();
  request.lifetime = seconds{4LL * 365 * 86'400};
  request.path_length = 0;
  const auto facts = mount.root.authority->facts({});
  auto authorization =
      policy::authorize_ca(access::local_operator(mount.scope), request, &facts, mount.clock.now())
          .value();
  const ca::Issued other = mount.root.commit(
      mount.root.service->issue(std::move(authorization), mount.root.authority, "req-ca").value());
  ca::AuthorityRecord record;
  record.id = "33333333-3333-4333-8333-333333333333";
  record.name = "issuing-other";
  record.key_id = issuing->record().key_id;
  record.certificate = to_bytes(other.certificate.der());
  record.chain = {to_bytes(mount.root.authority->certificate().der())};
  record.urls = issuing->record().urls;
  mount.commit(mount.service->add_authority(access::local_operator(mount.scope), record).value());

  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.obtain({"a.example"});
  const std::string url = order.text("/certificate");
  const auto alternates = [](const json::Answer& answer) {
    std::vector<std::string> urls;
    for (const http::Header& one : answer.headers) {
      if (one.name == "Link" && one.value.ends_with("rel=\"alternate\""))
        urls.push_back(one.value.substr(1, one.value.find('>') - 1));
    }
    return urls;
  };
  const auto first = client.get(url);
  REQUIRE(alternates(first) == std::vector<std::string>{url + "/1"});
  const auto second = client.get(url + "/1");
  CHECK(second.status == 200);
  CHECK(alternates(second) == std::vector<std::string>{url});
  const auto one = x509::Certificate::all_from_pem(first.body).value();
  const auto two = x509::Certificate::all_from_pem(second.body).value();
  CHECK(one.at(0) == two.at(0));
  CHECK_FALSE(one.at(1) == two.at(1));
  for (const char* none : {"/2", "/0", "/x", "/999"}) CHECK(client.get(url + none).status == 404);
}

TEST_CASE("62: a certificate that the inventory does not keep can be fetched for a day (7.4.2)") {
  TestAcme acme;
  acme.mount.add_role("forgetful", [](policy::Role& role) {
    role.require_cn = false;
    role.no_store = true;
  });
  acme.add_directory("default",
                     [](Directory& row) { row.profiles = {{"short", "role/forgetful", ""}}; });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.obtain({"a.example"});
  REQUIRE(order.text("/status") == "valid");
  const std::string url = order.text("/certificate");
  const auto answer = client.get(url);
  REQUIRE(answer.status == 200);
  const auto chain = x509::Certificate::all_from_pem(answer.body).value();
  REQUIRE(chain.size() == 2);
  CHECK(equal(chain.front().spki(), client.certificate_key.public_key().spki()));
  CHECK(acme.mount.service->find(acme.mount.scope, chain.front().serial()).error().code ==
        Code::kNotFound);
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  CHECK(other.get(url).status == 403);
  acme.start();
  CHECK(client.get(url).body == answer.body);

  const auto kept = [&] {
    REQUIRE(acme.core->sweep
                .sweep_page(acme.directory()->scope(), record::StateKind::kAcmeKept, {}, 100)
                .has_value());
    REQUIRE(acme.mount.store->committer().submit({}).wait(acme.mount.outside).has_value());
    return acme.mount.store->state()
        .list(record::StateKind::kAcmeKept, acme.directory()->scope(), {}, 100)
        .value()
        .size();
  };
  acme.mount.clock.advance(seconds{86'399});
  CHECK(kept() == 1);
  CHECK(client.get(url).status == 200);
  acme.mount.clock.advance(seconds{1});
  const auto over = client.get(url);  // whether the sweep came by or not
  CHECK(over.status == 404);
  CHECK(over.text("/detail").contains("no_store"));
  CHECK(kept() == 0);
  CHECK(client.get(order.header("Location")).text("/status") == "valid");
}

TEST_CASE("82, 83: a certificate that the inventory does not keep can be revoked (7.6)") {
  TestAcme acme;
  acme.mount.add_role("forgetful", [](policy::Role& role) {
    role.require_cn = false;
    role.no_store = true;
  });
  acme.add_directory("default",
                     [](Directory& row) { row.profiles = {{"short", "role/forgetful", ""}}; });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto certificate = client.certificate(client.obtain({"a.example"}));
  REQUIRE_FALSE(acme.mount.service->find(acme.mount.scope, certificate.serial()).has_value());
  const std::string url = client.url("revoke-cert");
  const std::string body = R"({"certificate":")" + base64(certificate.der(), Base64::kUrl) + "\"}";
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  CHECK(other.post(url, body).status == 403);
  SUBCASE("by the account that ordered it") { CHECK(client.post(url, body).status == 200); }
  SUBCASE("with its key") {
    CHECK(other.post_with_key(client.certificate_key, url, body).status == 200);
  }
  // It is in the inventory from then on.
  const auto found = acme.mount.service->find(acme.mount.scope, certificate.serial());
  REQUIRE(found.has_value());
  CHECK(found->revocation.has_value());
  CHECK(client.post(url, body).text("/type").ends_with(":alreadyRevoked"));
}

TEST_CASE("a certificate of the inventory is kept nowhere else") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  REQUIRE(client.obtain({"a.example"}).text("/status") == "valid");
  CHECK(acme.mount.store->state()
            .list(record::StateKind::kAcmeKept, acme.directory()->scope(), {}, 100)
            .value()
            .empty());
}

}  // namespace
}  // namespace chancery::acme
