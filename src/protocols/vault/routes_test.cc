#include <doctest/doctest.h>

#include <set>

#include "protocols/vault/example_path.h"
#include "protocols/vault/routes.h"
#include "protocols/vault/test_vault.h"

namespace chancery::vault {
namespace {

TEST_CASE("patterns") {
  CHECK(match_path("roles/{name}", "roles/web").value().values[0] == "web");
  CHECK(match_path("issuer/{ref}/crl/der", "issuer/default/crl/der").has_value());
  CHECK(match_path("ocsp/{rest...}", "ocsp/a/b").value().values[0] == "a/b");
  for (const char* path :
       {"roles", "roles/", "roles/a/b", "roles/-a", "roles/a b", "role/web", "xroles/web"}) {
    CHECK_FALSE(match_path("roles/{name}", path).has_value());
  }
  CHECK_FALSE(match_path("cert/{serial}", "cert/zz").has_value());
  CHECK_FALSE(match_path("ocsp/{rest...}", "ocsp/").has_value());
  CHECK(match_path("m/{mount...}/tune", "m/a/b/tune").value().values[0] == "a/b");
  CHECK(match_path("m/{mount...}", "m/a/b").value().values[0] == "a/b");
  CHECK_FALSE(match_path("m/{mount...}/tune", "m/tune").has_value());
  CHECK_FALSE(match_path("m/{mount...}", "m/a/tune").has_value());
}

TEST_CASE("no two rows serve one operation on one pattern") {
  std::set<std::string> seen;
  for (const Route& route : routes()) {
    CHECK(seen.insert(std::string(name(route.operation)) + " " + std::string(prefix(route.area)) +
                      std::string(route.pattern))
              .second);
    CHECK((route.handler != nullptr));
  }
}

TEST_CASE("authorisation matrix: a row guarded by a token answers nobody without one") {
  const auto start = [] {
    auto vault = std::make_unique<TestVault>();
    vault->client.headers = {{"Content-Type", "application/merge-patch+json"}};
    return vault;
  };
  auto fresh = start();
  std::size_t guarded = 0;
  for (const Route& route : routes()) {
    TestVault& vault = *fresh;
    const std::string path = example_path(route);
    CAPTURE(path);
    const auto without = vault.anonymous(verb(route.operation), path);
    vault.client.token = "chs.wrong";
    const auto wrong = vault.client.send(verb(route.operation), path);
    vault.client.token = vault.mount.token;
    const auto with = vault.client.send(verb(route.operation), path);
    CHECK(with.status != 403);
    CHECK(with.status < 500);
    if (route.guard == Guard::kToken) {
      ++guarded;
      CHECK(without.status == 403);
      CHECK(wrong.status == 403);
      CHECK(without.text("/errors/0") == "permission denied");
    } else {
      // These look at a token where there is one.
      const bool looks = path.starts_with("sys/internal/ui/mounts");
      CHECK(without.status == (path == "sys/internal/ui/mounts/pki/x" ? 403 : with.status));
      CHECK(wrong.status == (looks ? 403 : with.status));
    }
    // That was the end of the root token.
    if (path == "auth/token/revoke-self") fresh = start();
  }
  CHECK(guarded > 10);
}

TEST_CASE("what is open is listed here, so that a new open row is noticed") {
  std::set<std::string> open;
  for (const Route& route : routes()) {
    if (route.guard != Guard::kToken) open.insert(example_path(route));
  }
  const std::set<std::string> expected{"pki/ocsp",
                                       "pki/ocsp/pki/x",
                                       "pki/crl",
                                       "pki/crl/pem",
                                       "pki/ca",
                                       "pki/ca/pem",
                                       "pki/ca_chain",
                                       "pki/issuers",
                                       "pki/issuer/nobody/json",
                                       "pki/issuer/nobody/der",
                                       "pki/issuer/nobody/pem",
                                       "pki/issuer/nobody/crl",
                                       "pki/issuer/nobody/crl/der",
                                       "pki/issuer/nobody/crl/pem",
                                       "pki/crl/delta",
                                       "pki/crl/delta/pem",
                                       "pki/issuer/nobody/crl/delta",
                                       "pki/issuer/nobody/crl/delta/der",
                                       "pki/issuer/nobody/crl/delta/pem",
                                       "pki/cert/delta-crl",
                                       "pki/cert/delta-crl/raw",
                                       "pki/cert/delta-crl/raw/pem",
                                       "pki/cert/ca",
                                       "pki/cert/ca/raw",
                                       "pki/cert/ca/raw/pem",
                                       "pki/cert/ca_chain",
                                       "pki/cert/crl",
                                       "pki/cert/crl/raw",
                                       "pki/cert/crl/raw/pem",
                                       "pki/cert/11:22",
                                       "pki/cert/11:22/raw",
                                       "pki/cert/11:22/raw/pem",
                                       "sys/health",
                                       "sys/seal-status",
                                       "sys/leader",
                                       "sys/init",
                                       "sys/internal/ui/mounts",
                                       "sys/internal/ui/mounts/pki/x",
                                       "auth/approle/login",
                                       "auth/userpass/login/nobody",
                                       "auth/cert/login"};
  CHECK(open == expected);
}

TEST_CASE("every verb on every path that no row offers is refused") {
  TestVault vault;
  vault.client.headers = {{"Content-Type", "application/merge-patch+json"}};
  std::set<std::string> paths;
  for (const Route& route : routes()) paths.insert(example_path(route));
  for (const std::string& path : paths) {
    for (const char* method :
         {"GET", "LIST", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "SCAN", "get"}) {
      const bool offered = std::ranges::any_of(routes(), [&](const Route& route) {
        return verb(route.operation) == method && example_path(route) == path;
      });
      if (offered) continue;
      // "roles/nobody" is also what LIST roles/nobody would be; Vault knows both as paths.
      CAPTURE(path);
      CAPTURE(method);
      const auto answer = vault.client.send(method, path);
      CHECK(answer.status == 405);
      CHECK(answer.text("/errors/0").find("unsupported operation") != std::string::npos);
    }
  }
}

TEST_CASE("what nobody listed is refused as Vault refuses it") {
  TestVault vault;
  const std::string unsupported = "1 error occurred:\n\t* unsupported path\n\n";
  for (const char* path :
       {"pki/nope", "pki/", "pki", "pki/issue/a/b", "pki/roles/-x", "sys/nope", "sys/mount",
        "auth/token/nope", "pki/issuer/default/crl/nope", "pki/roots"}) {
    CAPTURE(path);
    CHECK(vault.client.get(path).status == 404);
    CHECK(vault.client.get(path).text("/errors/0") == unsupported);
    CHECK(vault.anonymous("GET", path).status == 403);
  }
  for (const char* path : {"nomount/x", "auth/nope", "pkix/ca", "", "secret/data/x"}) {
    CAPTURE(path);
    const auto answer = vault.client.get(path);
    CHECK(answer.status == 404);
    CHECK(answer.text("/errors/0") ==
          "no handler for route \"" + std::string(path) + "\". route entry not found.");
    CHECK(vault.anonymous("POST", path).status == 403);
  }
}

TEST_CASE("a plain listener serves public data only") {
  TestVault vault(Surface::kPublicOnly);
  for (const Route& route : routes()) {
    const std::string path = example_path(route);
    CAPTURE(path);
    const auto answer = vault.client.send(verb(route.operation), path);
    const bool told = answer.body.find("public data only") != std::string::npos;
    CHECK(told == (route.guard != Guard::kPlain));
    if (told) CHECK(answer.status == 404);
  }
  CHECK(vault.client.get("pki/ca/pem").status == 200);
  CHECK(vault.client.get("sys/health").status == 200);
  CHECK(vault.client.get("pki/nope").body.find("public data only") != std::string::npos);
  CHECK(vault.client.post("pki/ca", "").status == 405);
}

TEST_CASE("tokens come by either header, once") {
  TestVault vault;
  vault.client.token.clear();
  const auto status = [&](std::vector<http::Header> headers) {
    vault.client.headers = std::move(headers);
    return vault.client.get("auth/token/lookup-self").status;
  };
  const std::string& token = vault.mount.token;
  CHECK(status({{"X-Vault-Token", token}}) == 200);
  CHECK(status({{"authorization", "Bearer " + token}}) == 200);
  CHECK(status({{"Authorization", "Basic " + token}}) == 403);
  CHECK(status({{"Authorization", token}}) == 403);
  CHECK(status({{"X-Vault-Token", token}, {"X-Vault-Token", token}}) == 403);
  CHECK(status({{"X-Vault-Token", token + "x"}}) == 403);
  CHECK(status({}) == 403);
}

TEST_CASE("what would be believed and is not done is refused") {
  TestVault vault;
  vault.client.headers = {{"X-Vault-Wrap-TTL", "60"}};
  CHECK(vault.client.get("auth/token/lookup-self").status == 400);
  vault.client.headers = {{"X-Vault-Namespace", "ns1"}};
  CHECK(vault.client.get("auth/token/lookup-self").status == 404);
  vault.client.headers = {{"X-Vault-Namespace", ""}, {"X-Vault-Request", "true"}};
  CHECK(vault.client.get("auth/token/lookup-self").status == 200);
}

TEST_CASE("no handler reads a distant store on a reactor") {
  TestVault vault(Surface::kFull, {crypto::KeyAlgorithm::kEcdsaP256, 0},
                  enrol::TestMount::Distance::kRemote);
  for (const Route& route : routes()) {
    http::Request request;
    request.method = verb(route.operation);
    request.path = "/v1/" + example_path(route);
    request.headers = {{"X-Vault-Token", vault.mount.token},
                       {"Content-Type", "application/merge-patch+json"}};
    CAPTURE(request.path);
    http::Context reactor;
    vault.mount.remote->may_read = false;
    const auto response = vault.api.handle(request, reactor);
    vault.mount.remote->may_read = true;
    const bool moved = std::holds_alternative<http::Lane>(response.continuation());
    CHECK(moved == (route.reads != Reads::kNothing));
  }
}

TEST_CASE("route names come from the table") {
  TestVault vault;
  http::Request request;
  request.method = "POST";
  request.path = "/v1/pki/issue/web";
  CHECK(vault.api.route_name(request) == "pki/issue/{role}");
  request.path = "/v1/pki/anything";
  CHECK(vault.api.route_name(request) == "unknown");
  request.method = "GET";
  request.path = "/v1/sys/health";
  CHECK(vault.api.route_name(request) == "sys/health");
}

}  // namespace
}  // namespace chancery::vault
