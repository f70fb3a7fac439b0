#include <doctest/doctest.h>

#include "protocols/vault/test_vault.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

// Authentication methods through the API.

namespace chancery::vault {
namespace {

struct World : TestVault {
  json::Answer login(std::string_view path, std::string_view body) {
    return anonymous("POST", path, body);
  }
  bool lives(const std::string& token) {
    const std::string mine = std::exchange(client.token, token);
    const auto answer = client.get("auth/token/lookup-self");
    client.token = mine;
    return answer.status == 200;
  }
};

TEST_CASE("approle: from the role to the token") {
  World world;
  auto& client = world.client;
  CHECK(client.send("LIST", "auth/approle/role").body == "{\"errors\":[]}\n");
  CHECK(client
            .post("auth/approle/role/Web",
                  R"({"token_policies": "a,b", "secret_id_num_uses": 2, "secret_id_ttl": "10m", )"
                  R"("token_ttl": "20m", "token_max_ttl": "30m", "token_num_uses": 5})")
            .status == 204);
  const auto role = client.get("auth/approle/role/web");
  CHECK(role.text("/data/token_policies") == R"(["a","b"])");
  CHECK(role.at("/data/secret_id_bound_cidrs").is_null());
  CHECK(role.at("/data/token_ttl") == 1200);
  CHECK(role.text("/data/token_type") == "default");
  CHECK(role.text("/data/policies") == "(absent)");
  const std::string role_id = client.get("auth/approle/role/web/role-id").text("/data/role_id");
  const auto made = client.post("auth/approle/role/web/secret-id",
                                R"({"metadata": "{\"k\":\"v\"}", "cidr_list": "127.0.0.1/32"})");
  CHECK(made.at("/data/secret_id_num_uses") == 2);
  const std::string secret = made.text("/data/secret_id");
  const std::string body = R"({"role_id": ")" + role_id + R"(", "secret_id": ")" + secret + "\"}";
  const auto first = world.login("auth/approle/login", body);
  CHECK(first.status == 200);
  CHECK(first.text("/auth/policies") == R"(["a","b","default"])");
  CHECK(first.text("/auth/metadata/role_name") == "web");
  CHECK(first.at("/auth/lease_duration") == 1200);
  CHECK(first.at("/auth/num_uses") == 5);
  CHECK(first.at("/auth/orphan") == true);
  CHECK(world.lives(first.text("/auth/client_token")));
  const auto left =
      client.post("auth/approle/role/web/secret-id/lookup", R"({"secret_id": ")" + secret + "\"}");
  CHECK(left.at("/data/secret_id_num_uses") == 1);
  CHECK(left.text("/data/metadata/k") == "v");
  CHECK(world.login("auth/approle/login", body).status == 200);
  CHECK(world.login("auth/approle/login", body).text("/errors/0") == "invalid role or secret ID");
  CHECK(client.post("auth/approle/role/web/secret-id/lookup", R"({"secret_id": ")" + secret + "\"}")
            .status == 204);
  CHECK(world.login("auth/approle/login", "{}").text("/errors/0") == "missing role_id");
  CHECK(world.login("auth/approle/login", R"({"role_id": ")" + role_id + "\"}").text("/errors/0") ==
        "missing secret_id");
}

TEST_CASE("approle: secrets are listed, looked up and destroyed by accessor") {
  World world;
  auto& client = world.client;
  REQUIRE(client.post("auth/approle/role/web", "{}").status == 204);
  const std::string at = "auth/approle/role/web/";
  const auto made = client.post(at + "custom-secret-id", R"({"secret_id": "mine"})");
  CHECK(made.text("/data/secret_id") == "mine");
  const std::string accessor = made.text("/data/secret_id_accessor");
  CHECK(client.send("LIST", at + "secret-id").text("/data/keys") == "[\"" + accessor + "\"]");
  const std::string body = R"({"secret_id_accessor": ")" + accessor + "\"}";
  CHECK(client.post(at + "secret-id-accessor/lookup", body).text("/data/secret_id_accessor") ==
        accessor);
  CHECK(client.post(at + "secret-id-accessor/destroy", body).status == 204);
  CHECK(client.post(at + "secret-id-accessor/lookup", body).status == 404);
  CHECK(client.post(at + "secret-id-accessor/destroy", body).status == 400);
  CHECK(client.post(at + "custom-secret-id", R"({"secret_id": "mine"})").status == 200);
  CHECK(client.post(at + "custom-secret-id", R"({"secret_id": "mine"})").status == 400);
  CHECK(client.post(at + "secret-id/destroy", R"({"secret_id": "mine"})").status == 204);
  CHECK(client.post(at + "secret-id/destroy", R"({"secret_id": "mine"})").status == 204);
  CHECK(client.post(at + "secret-id", R"({"metadata": "x"})").text("/errors/0") ==
        "failed to parse metadata: failed to parse the input: invalid <key,value> format");
  CHECK(client.post(at + "secret-id", R"({"metadata": "a=b"})").status == 200);
  CHECK(client.post("auth/approle/role/no/secret-id", "{}").text("/errors/0") ==
        "role \"no\" does not exist");
  CHECK(client.send("LIST", "auth/approle/role/no/secret-id").status == 400);
  world.mount.clock.advance(seconds{1});
  CHECK(client.post("auth/approle/tidy/secret-id", "{}").status == 202);
}

TEST_CASE("approle: the fields of a role one by one") {
  World world;
  auto& client = world.client;
  const std::string at = "auth/approle/role/web/";
  REQUIRE(client.post("auth/approle/role/web", R"({"policies": "old", "token_max_ttl": "1h"})")
              .status == 204);
  CHECK(client.get(at + "policies").text("/data/policies") == R"(["old"])");
  struct Case {
    const char* path;
    const char* body;
    const char* pointer;
    const char* after;
    const char* cleared;
  };
  for (const Case& one : {
           Case{"policies", R"({"token_policies": "x,y"})", "/data/token_policies", R"(["x","y"])",
                "[]"},
           Case{"secret-id-num-uses", R"({"secret_id_num_uses": 3})", "/data/secret_id_num_uses",
                "3", "0"},
           Case{"secret-id-ttl", R"({"secret_id_ttl": "30s"})", "/data/secret_id_ttl", "30", "0"},
           Case{"secret-id-bound-cidrs", R"({"secret_id_bound_cidrs": "10.0.0.0/8"})",
                "/data/secret_id_bound_cidrs", R"(["10.0.0.0/8"])", "null"},
           Case{"token-ttl", R"({"token_ttl": "10m"})", "/data/token_ttl", "600", "0"},
           Case{"token-max-ttl", R"({"token_max_ttl": "2h"})", "/data/token_max_ttl", "7200", "0"},
           Case{"token-num-uses", R"({"token_num_uses": "7"})", "/data/token_num_uses", "7", "0"},
           Case{"token-bound-cidrs", R"({"token_bound_cidrs": "10.0.0.1/32"})",
                "/data/token_bound_cidrs", R"(["10.0.0.1"])", "null"},
           Case{"period", R"({"token_period": "5m"})", "/data/token_period", "300", "0"},
       }) {
    CAPTURE(one.path);
    CHECK(client.post(at + one.path, one.body).status == 204);
    CHECK(client.get(at + one.path).text(one.pointer) == one.after);
    CHECK(client.send("DELETE", at + one.path).status == 204);
    CHECK(client.get(at + one.path).text(one.pointer) == one.cleared);
    CHECK(client.post(std::string("auth/approle/role/no/") + one.path, one.body).status == 404);
    CHECK(client.send("DELETE", std::string("auth/approle/role/no/") + one.path).status == 204);
  }
  CHECK(client.post(at + "period", "{}").text("/errors/0") == "missing period");
  CHECK(client.post(at + "secret-id-ttl", "{}").text("/errors/0") == "missing secret_id_ttl");
  CHECK(client.get(at + "bound-cidr-list").text("/warnings/0").contains("deprecated"));
  CHECK(client.get(at + "local-secret-ids").at("/data/local_secret_ids") == false);
  CHECK(client.post("auth/approle/role/web", R"({"local_secret_ids": true})").status == 400);
  CHECK(client.post(at + "role-id", R"({"role_id": "mine"})").status == 204);
  CHECK(client.get(at + "role-id").text("/data/role_id") == "mine");
  CHECK(client.post("auth/approle/role/two", R"({"role_id": "mine"})").text("/errors/0") ==
        "1 error occurred:\n\t* role_id already in use\n\n");
  CHECK(client.send("DELETE", "auth/approle/role/web").status == 204);
  CHECK(client.get("auth/approle/role/web").status == 404);
}

TEST_CASE("userpass: users, passwords, policies") {
  World world;
  auto& client = world.client;
  CHECK(client.post("auth/userpass/users/bob", "{}").text("/errors/0") ==
        "must provide either password or password_hash");
  CHECK(client.post("auth/userpass/users/Bob", R"({"password": "pw", "policies": "a"})").status ==
        204);
  const auto user = client.get("auth/userpass/users/bob");
  CHECK(user.text("/data/policies") == R"(["a"])");
  CHECK(user.text("/data/token_policies") == R"(["a"])");
  CHECK_FALSE(user.body.contains("pw"));
  CHECK(client.send("LIST", "auth/userpass/users").text("/data/keys") == R"(["bob"])");
  const auto in = world.login("auth/userpass/login/BOB", R"({"password": "pw"})");
  CHECK(in.text("/auth/metadata/username") == "bob");
  CHECK(in.lanes.back() == http::Lane::kCpu);
  CHECK(world.lives(in.text("/auth/client_token")));
  CHECK(client.post("auth/userpass/users/bob/password", R"({"password": "new"})").status == 204);
  CHECK(world.login("auth/userpass/login/bob", R"({"password": "pw"})").text("/errors/0") ==
        "invalid username or password");
  CHECK(world.login("auth/userpass/login/no", R"({"password": "pw"})").text("/errors/0") ==
        "invalid username or password");
  CHECK(world.login("auth/userpass/login/bob", R"({"password": "new"})").status == 200);
  CHECK(client.post("auth/userpass/users/bob/policies", R"({"token_policies": "x,y"})").status ==
        204);
  CHECK(client.get("auth/userpass/users/bob").text("/data/token_policies") == R"(["x","y"])");
  CHECK(client.post("auth/userpass/users/no/policies", R"({"policies": "x"})").text("/errors/0") ==
        "1 error occurred:\n\t* username does not exist\n\n");
  CHECK(client.post("auth/userpass/users/bob", R"({"password_hash": "$2a$x"})").status == 400);
  CHECK(client.post("auth/userpass/users/bob", R"({"token_ttl": "2h", "token_max_ttl": "1h"})")
            .text("/errors/0") == "'token_ttl' cannot be greater than 'token_max_ttl'");
  CHECK(client.send("DELETE", "auth/userpass/users/bob").status == 204);
  CHECK(world.login("auth/userpass/login/bob", R"({"password": "new"})").status == 400);
}

TEST_CASE("userpass: who guesses is kept out") {
  World world;
  REQUIRE(world.client.post("auth/userpass/users/bob", R"({"password": "pw"})").status == 204);
  for (unsigned i = 0; i < access::Lockout::kMostFailures; ++i)
    CHECK(world.login("auth/userpass/login/bob", R"({"password": "x"})").status == 400);
  CHECK(world.login("auth/userpass/login/bob", R"({"password": "pw"})").status == 403);
  world.mount.clock.advance(access::Lockout::kPause);
  CHECK(world.login("auth/userpass/login/bob", R"({"password": "pw"})").status == 200);
}

TEST_CASE("token roles make tokens") {
  World world;
  auto& client = world.client;
  CHECK(client
            .post("auth/token/roles/r",
                  R"({"allowed_policies": "a,b", "orphan": true, "period": "10m", )"
                  R"("token_num_uses": 3, "path_suffix": "sfx"})")
            .status == 204);
  const auto role = client.get("auth/token/roles/r");
  CHECK(role.at("/data/period") == 600);
  CHECK(role.at("/data/token_period") == 600);
  CHECK(role.at("/data/explicit_max_ttl") == 0);
  CHECK(role.at("/data/allowed_entity_aliases").is_null());
  CHECK(client.send("LIST", "auth/token/roles").text("/data/keys") == R"(["r"])");
  const auto made = client.post("auth/token/create/r", "{}");
  CHECK(made.text("/auth/policies") == R"(["a","b","default"])");
  CHECK(made.at("/auth/orphan") == true);
  CHECK(made.at("/auth/lease_duration") == 600);
  CHECK(made.at("/auth/num_uses") == 3);
  CHECK(client.post("auth/token/create/r", R"({"policies": ["c"]})").status == 400);
  CHECK(client.post("auth/token/create/none", "{}").text("/errors/0") == "unknown role none");
  CHECK(client.post("auth/token/roles/r", R"({"path_suffix": "a b"})").status == 400);
  CHECK(client.post("auth/token/roles/r", R"({"token_num_uses": -1})").text("/errors/0") ==
        "error parsing role fields: 'token_num_uses' cannot be negative");
  CHECK(client.send("DELETE", "auth/token/roles/r").status == 204);
  CHECK(client.get("auth/token/roles/r").status == 404);
}

struct CertificateWorld : World {
  const crypto::PrivateKey ca_key =
      crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const x509::Certificate ca = x509::testing::make_ca(ca_key);

  Bytes leaf(std::string_view subject, const crypto::PrivateKey& issuer) {
    const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
    const x509::Name name = x509::testing::name_of(subject);
    const auto dns = x509::GeneralName::dns("client.example.com").value();
    const auto purpose = x509::oids::kClientAuth;
    x509::TbsFields fields;
    fields.serial = x509::testing::kSerial;
    fields.issuer = ca.subject().der();
    fields.subject = name.der();
    fields.not_before = x509::testing::kNotBefore;
    fields.not_after = x509::testing::kNotAfter;
    fields.spki = key.public_key().spki();
    fields.subject_alt_names = {&dns, 1};
    fields.extended_key_usage = {&purpose, 1};
    return to_bytes(x509::testing::sign(fields, issuer).value().der());
  }

  json::Answer enter(BytesView certificate, std::string_view body = "{}") {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/auth/cert/login";
    request.body = body;
    request.request_id = "r";
    request.peer_address = "127.0.0.1";
    request.tls = true;
    request.peer_certificate = to_bytes(certificate);
    return client.run(request);
  }

  json::Answer put(const std::string& name, const std::string& more) {
    std::string pem = ca.to_pem();
    for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 2)
      pem.replace(at, 1, "\\n");
    return client.post("auth/cert/certs/" + name,
                       R"({"certificate": ")" + pem + "\", " + more + "}");
  }
};

TEST_CASE("cert: who holds a certificate of a trusted authority gets in") {
  CertificateWorld world;
  const Bytes good = world.leaf("CN=client,OU=ops", world.ca_key);
  const auto other_key =
      crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  CHECK(world.enter(good).text("/errors/0") ==
        "invalid certificate or no client certificate supplied");
  REQUIRE(world.put("Web", R"("token_policies": "a")").status == 204);
  CHECK(world.client.get("auth/cert/certs/web").text("/data/display_name") == "web");
  const auto in = world.enter(good);
  CHECK(in.status == 200);
  CHECK(in.text("/auth/policies") == R"(["a","default"])");
  CHECK(in.text("/auth/metadata/cert_name") == "web");
  CHECK(in.text("/auth/metadata/serial_number") == "316059037807746189465");
  CHECK(world.lives(in.text("/auth/client_token")));
  CHECK(world.enter({}).text("/errors/0") == "no client certificate found");
  CHECK(world.enter(world.leaf("CN=client", other_key)).status == 400);
  CHECK(world.enter(good, R"({"name": "web"})").status == 200);
  CHECK(world.enter(good, R"({"name": "nope"})").status == 400);
  world.mount.clock.set(x509::testing::kNotAfter + seconds{1});
  CHECK(world.enter(good).status == 400);
}

TEST_CASE("cert: a token is renewed by whoever still holds its certificate") {
  CertificateWorld world;
  const Bytes good = world.leaf("CN=client,OU=ops", world.ca_key);
  REQUIRE(world.put("web", R"("token_policies": "a")").status == 204);
  const std::string token = world.enter(good).text("/auth/client_token");
  const auto renew = [&](BytesView certificate) {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/auth/token/renew-self";
    request.request_id = "r";
    request.peer_address = "127.0.0.1";
    request.headers = {{"X-Vault-Token", token}};
    request.peer_certificate = to_bytes(certificate);
    return world.client.run(request);
  };
  CHECK(renew(good).status == 200);
  CHECK(renew({}).text("/errors/0") == "no client certificate found");
  CHECK(renew(world.leaf("CN=other,OU=ops", world.ca_key)).text("/errors/0") ==
        "client identity during renewal not matching client identity used during login");
  CHECK(world.client.get("auth/cert/config").at("/data/disable_binding") == false);
  CHECK(world.client.post("auth/cert/config", R"({"disable_binding": true})").status == 204);
  CHECK(world.client.get("auth/cert/config").at("/data/disable_binding") == true);
  CHECK(renew({}).status == 200);
}

TEST_CASE("cert: constraints of a role") {
  CertificateWorld world;
  const Bytes good = world.leaf("CN=client,OU=ops", world.ca_key);
  const auto status = [&](const std::string& rules) {
    REQUIRE(world.put("web", rules).status == 204);
    const unsigned answer = world.enter(good).status;
    REQUIRE(world.client.send("DELETE", "auth/cert/certs/web").status == 204);
    return answer;
  };
  CHECK(status(R"("allowed_common_names": "cl*")") == 200);
  CHECK(status(R"("allowed_common_names": "x*")") == 400);
  CHECK(status(R"("allowed_dns_sans": "*.example.com")") == 200);
  CHECK(status(R"("allowed_dns_sans": "*.example.org")") == 400);
  CHECK(status(R"("allowed_names": ["no", "client"])") == 200);
  CHECK(status(R"("allowed_organizational_units": "ops")") == 200);
  CHECK(status(R"("allowed_organizational_units": "dev")") == 400);
  CHECK(status(R"("allowed_uri_sans": "spiffe://*")") == 400);
  CHECK(status(R"("required_extensions": "1.2.3.4:*")") == 400);
  CHECK(status(R"("token_bound_cidrs": "10.0.0.0/8")") == 403);
  REQUIRE(world.put("web", R"("allowed_common_names": "x*")").status == 204);
  CHECK(world.enter(good).text("/errors/0") ==
        "no chain matching all constraints could be found for this login certificate");
  CHECK(world.client.post("auth/cert/certs/x", R"({"certificate": "x"})").text("/errors/0") ==
        "failed to parse certificate");
}

TEST_CASE("a method that is disabled takes its tokens along") {
  World world;
  auto& client = world.client;
  REQUIRE(client.post("auth/userpass/users/bob", R"({"password": "pw"})").status == 204);
  const std::string token =
      world.login("auth/userpass/login/bob", R"({"password": "pw"})").text("/auth/client_token");
  CHECK(world.lives(token));
  REQUIRE(client.send("DELETE", "sys/auth/userpass").status == 204);
  CHECK_FALSE(world.lives(token));
  CHECK(world.login("auth/userpass/login/bob", R"({"password": "pw"})").status == 403);
  REQUIRE(client.post("sys/auth/userpass", R"({"type": "userpass"})").status == 204);
  CHECK(client.send("LIST", "auth/userpass/users").status == 404);
  CHECK_FALSE(world.lives(token));
}

}  // namespace
}  // namespace chancery::vault
