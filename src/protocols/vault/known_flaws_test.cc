#include <doctest/doctest.h>

#include "protocols/vault/test_vault.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

// What went wrong elsewhere in policies, tokens and authentication methods, by its number.

namespace chancery::vault {
namespace {

struct World : TestVault {
  json::Answer as(const std::string& token, std::string_view path, std::string_view body) {
    const std::string mine = std::exchange(client.token, token);
    json::Answer answer = client.post(path, body);
    client.token = mine;
    return answer;
  }
  std::string secret_of(const std::string& role) {
    return client.post("auth/approle/role/" + role + "/secret-id", "{}").text("/data/secret_id");
  }
};

TEST_CASE("CVE-2025-5999, CVE-2025-54996: no spelling of \"root\" makes one who is not root root") {
  World world;
  auto& client = world.client;
  REQUIRE(client
              .post("sys/policies/acl/admin", R"({"policy": "path \"auth/*\" { capabilities = )"
                                              R"([\"create\", \"read\", \"update\", \"sudo\"] }"})")
              .status == 204);
  const std::string admin =
      client.post("auth/token/create", R"({"policies": ["admin"]})").text("/auth/client_token");
  unsigned made = 0;
  for (const char* root : {"root", "ROOT", " root", "Root ", "\\troot\\n"}) {
    CAPTURE(root);
    const std::string name = std::string("\"") + root + "\"";
    CHECK(world.as(admin, "auth/token/create", R"({"policies": [)" + name + "]}").status == 400);
    const std::string role = "r" + std::to_string(made++);
    CHECK(world.as(admin, "auth/token/roles/" + role, R"({"allowed_policies": [)" + name + "]}")
              .status == 204);
    CHECK(world.as(admin, "auth/token/create/" + role, "{}").status == 400);
    REQUIRE(world
                .as(admin, "auth/approle/role/" + role,
                    R"({"token_policies": [)" + name + R"(], "role_id": ")" + role + "\"}")
                .status == 204);
    const auto login = world.anonymous(
        "POST", "auth/approle/login",
        R"({"role_id": ")" + role + R"(", "secret_id": ")" + world.secret_of(role) + "\"}");
    CHECK(login.status == 400);
    CHECK(login.text("/errors/0") == "auth methods cannot create root tokens");
    REQUIRE(world
                .as(admin, "auth/userpass/users/" + role,
                    R"({"password": "pw", "token_policies": [)" + name + "]}")
                .status == 204);
    CHECK(world.anonymous("POST", "auth/userpass/login/" + role, R"({"password": "pw"})").status ==
          400);
  }
}

TEST_CASE("CVE-2025-6004: another spelling of a user is no other user to guess at") {
  World world;
  REQUIRE(world.client.post("auth/userpass/users/bob", R"({"password": "pw"})").status == 204);
  for (const char* name : {"bob", "Bob", "BOB", "boB", "bOb"})
    CHECK(
        world.anonymous("POST", std::string("auth/userpass/login/") + name, R"({"password": "x"})")
            .status == 400);
  CHECK(world.anonymous("POST", "auth/userpass/login/boB", R"({"password": "pw"})").status == 403);
}

TEST_CASE("CVE-2023-24999: who may destroy the secrets of one role destroys no other's") {
  World world;
  auto& client = world.client;
  for (const char* role : {"one", "two"})
    REQUIRE(client.post(std::string("auth/approle/role/") + role, "{}").status == 204);
  const auto made = client.post("auth/approle/role/two/secret-id", "{}");
  const std::string accessor =
      R"({"secret_id_accessor": ")" + made.text("/data/secret_id_accessor") + "\"}";
  const std::string secret = R"({"secret_id": ")" + made.text("/data/secret_id") + "\"}";
  CHECK(client.post("auth/approle/role/one/secret-id-accessor/destroy", accessor).status == 400);
  CHECK(client.post("auth/approle/role/one/secret-id-accessor/lookup", accessor).status == 404);
  CHECK(client.post("auth/approle/role/one/secret-id/destroy", secret).status == 204);
  CHECK(client.post("auth/approle/role/two/secret-id/lookup", secret).status == 200);
}

struct Holder {
  crypto::PrivateKey key =
      crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();

  // certificate is one of the holder's key, for `subject`, by `issuer`; CAs may not be made so.
  x509::Certificate certificate(const x509::Certificate& issuer,
                                const crypto::PrivateKey& issuer_key) const {
    const x509::Name name = x509::testing::name_of("CN=client");
    const crypto::Sha1 id = x509::key_identifier(key.public_key());
    const auto purpose = x509::oids::kClientAuth;
    x509::TbsFields fields;
    fields.serial = x509::testing::kSerial;
    fields.issuer = issuer.subject().der();
    fields.subject = name.der();
    fields.not_before = x509::testing::kNotBefore;
    fields.not_after = x509::testing::kNotAfter;
    fields.spki = key.public_key().spki();
    fields.subject_key_id = id;
    fields.extended_key_usage = {&purpose, 1};
    return x509::testing::sign(fields, issuer_key).value();
  }
};

TEST_CASE("CVE-2024-2048, CVE-2025-6037: a role with a client's own certificate trusts only that") {
  World world;
  const Holder ca;
  const x509::Certificate root = x509::testing::make_ca(ca.key);
  const Holder client;
  const x509::Certificate good = client.certificate(root, ca.key);
  std::string pem = good.to_pem();
  for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 2)
    pem.replace(at, 1, "\\n");
  REQUIRE(world.client
              .post("auth/cert/certs/own",
                    R"({"certificate": ")" + pem + R"(", "allowed_common_names": "client"})")
              .status == 204);
  const auto status = [&](const x509::Certificate& certificate) {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/auth/cert/login";
    request.request_id = "r";
    request.peer_address = "127.0.0.1";
    request.peer_certificate = to_bytes(certificate.der());
    return world.client.run(request).status;
  };
  CHECK(status(good) == 200);
  // The same names, number and issuer with another key; of the same authority with its own key; of
  // the client itself, which is no authority.
  const Holder other;
  const Holder impostor;
  CHECK(status(other.certificate(root, impostor.key)) == 400);
  CHECK(status(other.certificate(root, ca.key)) == 400);
  CHECK(status(other.certificate(good, client.key)) == 400);
}

}  // namespace
}  // namespace chancery::vault
