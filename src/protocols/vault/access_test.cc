#include <doctest/doctest.h>

#include "protocols/vault/test_vault.h"

// Policies, tokens and what they open, through the API.

namespace chancery::vault {
namespace {

struct World : TestVault {
  World() {
    mount.add_role("web");
    REQUIRE(client
                .post("sys/policies/acl/issuer",
                      R"({"policy": "path \"pki/issue/web\" { capabilities = [\"update\"] }"})")
                .status == 204);
  }

  std::string make_token(std::string_view body) {
    return client.post("auth/token/create", body).text("/auth/client_token");
  }
  json::Answer as(const std::string& token, std::string_view method, std::string_view path,
                  std::string_view body = {}) {
    const std::string mine = std::exchange(client.token, token);
    json::Answer answer = client.send(method, path, body);
    client.token = mine;
    return answer;
  }
};

constexpr std::string_view kDenied = "1 error occurred:\n\t* permission denied\n\n";

TEST_CASE("a token does what its policies allow, and nothing else") {
  World world;
  const std::string token = world.make_token(R"({"policies": ["issuer"]})");
  const auto issued =
      world.as(token, "POST", "pki/issue/web", R"({"common_name": "a.example.com"})");
  CHECK(issued.status == 200);
  world.client.headers = {{"Content-Type", "application/merge-patch+json"}};
  for (const auto& [method, path] : std::initializer_list<std::pair<const char*, const char*>>{
           {"GET", "pki/roles/web"},
           {"LIST", "pki/roles"},
           {"POST", "pki/issue/other"},
           {"DELETE", "pki/roles/web"},
           {"POST", "pki/revoke"},
           {"PUT", "sys/policies/acl/issuer"},
           {"POST", "auth/token/create"},
           {"LIST", "auth/token/accessors"},
           {"GET", "nowhere/at/all"},
           {"PATCH", "pki/roles/web"}}) {
    CAPTURE(path);
    const auto refused = world.as(token, method, path);
    CHECK(refused.status == 403);
    CHECK(refused.text("/errors/0") == kDenied);
  }
  world.client.headers.clear();
  CHECK(world.as(token, "GET", "auth/token/lookup-self").status == 200);
  CHECK(world.as(token, "POST", "auth/token/renew-self", R"({"increment": "1h"})")
            .at("/auth/lease_duration") == 3600);
  CHECK(world.as(token, "POST", "auth/token/revoke-self", "{}").status == 204);
  CHECK(world.as(token, "POST", "pki/issue/web", R"({"common_name": "a"})").text("/errors/0") ==
        "permission denied");
}

TEST_CASE("parameters of a request are held against the policy") {
  World world;
  REQUIRE(world.client
              .post("sys/policies/acl/issuer",
                    R"({"policy": "path \"pki/issue/web\" { capabilities = [\"update\"] )"
                    R"(allowed_parameters = {\"common_name\" = [\"*.example.com\"], )"
                    R"(\"ip_sans\" = [\"10.*\"]} }"})")
              .status == 204);
  const std::string token = world.make_token(R"({"policies": ["issuer"]})");
  const auto status = [&](std::string_view body) {
    return world.as(token, "POST", "pki/issue/web", body).status;
  };
  CHECK(status(R"({"common_name": "a.example.com"})") == 200);
  CHECK(status(R"({"common_name": "a.example.org"})") == 403);
  CHECK(status(R"({"common_name": "a.example.com", "ttl": "1h"})") == 403);
  CHECK(status(R"({"common_name": "a.example.com", "ip_sans": ["10.0.0.1"]})") == 200);
  CHECK(status(R"({"common_name": "a.example.com", "ip_sans": ["10.0.0.1", "11.0.0.1"]})") == 403);
}

TEST_CASE("a token of limited use is spent by every request, by readers too") {
  World world;
  const std::string token = world.make_token(R"({"policies": ["issuer"], "num_uses": 3})");
  const auto seen = world.as(token, "GET", "auth/token/lookup-self");
  CHECK(seen.at("/data/num_uses") == 2);
  CHECK(world.as(token, "POST", "pki/issue/web", R"({"common_name": "a.b"})").status == 200);
  CHECK(world.as(token, "POST", "pki/issue/none", R"({"common_name": "a.b"})").status == 403);
  CHECK(world.as(token, "POST", "pki/issue/web", R"({"common_name": "a.b"})").text("/errors/0") ==
        "permission denied");
}

TEST_CASE("policies are written, read, listed and removed") {
  World world;
  auto& client = world.client;
  CHECK(client.get("sys/policies/acl/ISSUER").text("/data/name") == "issuer");
  CHECK(client.get("sys/policy/issuer").text("/rules").starts_with("path"));
  CHECK(client.send("LIST", "sys/policies/acl").text("/data/keys") ==
        R"(["default","issuer","root"])");
  CHECK(client.get("sys/policy").text("/policies") == R"(["default","issuer","root"])");
  CHECK(client.post("sys/policies/acl/x", "{}").text("/errors/0") ==
        "'policy' parameter not supplied or empty");
  CHECK(client.post("sys/policies/acl/root", R"({"policy": "a"})").status == 400);
  CHECK(client.send("DELETE", "sys/policies/acl/default").text("/errors/0") ==
        "cannot delete default policy");
  CHECK(client.send("DELETE", "sys/policies/acl/issuer").status == 204);
  CHECK(client.send("DELETE", "sys/policies/acl/issuer").status == 204);
  CHECK(client.get("sys/policies/acl/issuer").status == 404);
  // "path "a" {}" in base64.
  CHECK(client.post("sys/policies/acl/b64", R"({"policy": "cGF0aCAiYSIge30="})").status == 204);
  CHECK(client.get("sys/policies/acl/b64").text("/data/policy") == "path \"a\" {}");
}

TEST_CASE("capabilities") {
  World world;
  const std::string token = world.make_token(R"({"policies": ["issuer"]})");
  const auto own = world.as(token, "POST", "sys/capabilities-self",
                            R"({"paths": ["pki/issue/web", "pki/roles/web"]})");
  CHECK(own.text("/data/pki~1issue~1web") == R"(["update"])");
  CHECK(own.text("/pki~1roles~1web") == R"(["deny"])");
  auto& client = world.client;
  CHECK(client.post("sys/capabilities-self", R"({"path": "x"})").text("/data/capabilities") ==
        R"(["root"])");
  CHECK(
      client.post("sys/capabilities", R"({"token": ")" + token + R"(", "paths": "pki/issue/web"})")
          .text("/capabilities") == R"(["update"])");
  CHECK(client.post("sys/capabilities", R"({"token": "x", "paths": "a"})").text("/errors/0") ==
        "1 error occurred:\n\t* invalid token\n\n");
  CHECK(client.post("sys/capabilities-self", "{}").text("/errors/0") == "paths must be supplied");
}

TEST_CASE("tokens are made, looked up, renewed and revoked") {
  World world;
  auto& client = world.client;
  const auto made = client.post(
      "auth/token/create",
      R"({"policies": ["issuer", "later"], "ttl": "2h", "meta": {"team": "a"}, "display_name": "C I"})");
  CHECK(made.text("/auth/policies") == R"(["default","issuer","later"])");
  CHECK(made.text("/auth/metadata/team") == "a");
  CHECK(made.text("/auth/orphan") == "false");
  CHECK(made.text("/warnings/0") == "Policy \"later\" does not exist");
  const std::string token = made.text("/auth/client_token");
  const std::string accessor = made.text("/auth/accessor");

  const auto seen = client.post("auth/token/lookup", R"({"token": ")" + token + "\"}");
  CHECK(seen.text("/data/display_name") == "token-C-I");
  CHECK(seen.at("/data/ttl") == 7200);
  CHECK(seen.text("/data/path") == "auth/token/create");
  const auto by_accessor =
      client.post("auth/token/lookup-accessor", R"({"accessor": ")" + accessor + "\"}");
  CHECK(by_accessor.text("/data/id").empty());
  CHECK(by_accessor.text("/data/accessor") == accessor);
  CHECK(client.send("LIST", "auth/token/accessors").text("/data/keys").contains(accessor));

  CHECK(client.post("auth/token/renew", R"({"token": ")" + token + R"(", "increment": 60})")
            .at("/auth/lease_duration") == 60);
  CHECK(client.post("auth/token/renew-self", "{}").text("/errors/0") == "lease is not renewable");
  const auto child = world.as(token, "GET", "auth/token/lookup-self");
  CHECK(child.status == 200);
  CHECK(client.post("auth/token/revoke-accessor", R"({"accessor": ")" + accessor + "\"}").status ==
        204);
  CHECK(world.as(token, "GET", "auth/token/lookup-self").status == 403);
  CHECK(client.post("auth/token/lookup", R"({"token": ")" + token + "\"}").text("/errors/0") ==
        "bad token");
  CHECK(client.post("auth/token/revoke", R"({"token": ")" + token + "\"}").status == 204);
  CHECK(client.post("auth/token/revoke", "{}").text("/errors/0") == "missing token ID");
  for (const char* body :
       {R"({"num_uses": -1})", R"({"ttl": "-5s"})", R"({"id": "mine"})", R"({"type": "batch"})",
        R"({"meta": "x"})", R"({"meta": {"a": {"b": "c"}}})", R"({"policies": {"a": "b"}})"}) {
    CAPTURE(body);
    CHECK(client.post("auth/token/create", body).status == 400);
  }
}

TEST_CASE("what is privileged asks for sudo") {
  World world;
  auto& client = world.client;
  REQUIRE(
      client
          .post("sys/policies/acl/maker",
                R"({"policy": "path \"auth/token/*\" { capabilities = [\"update\", \"list\"] }"})")
          .status == 204);
  REQUIRE(client
              .post("sys/policies/acl/super",
                    R"({"policy": "path \"auth/token/*\" )"
                    R"({ capabilities = [\"update\", \"list\", \"sudo\"] }"})")
              .status == 204);
  const std::string maker = world.make_token(R"({"policies": ["maker"]})");
  const std::string super = world.make_token(R"({"policies": ["super"]})");
  CHECK(world.as(maker, "LIST", "auth/token/accessors").status == 403);
  CHECK(world.as(super, "LIST", "auth/token/accessors").status == 200);
  CHECK(world.as(maker, "POST", "auth/token/revoke-orphan", R"({"token": "x"})").status == 403);
  CHECK(
      world.as(super, "POST", "auth/token/revoke-orphan", R"({"token": "x"})").text("/errors/0") ==
      "token to revoke not found");
  CHECK(world.as(maker, "POST", "auth/token/create", R"({"policies": ["super"]})")
            .text("/errors/0") == "child policies must be subset of parent");
  CHECK(world.as(super, "POST", "auth/token/create", R"({"policies": ["other"]})").status == 200);
  CHECK(
      world.as(super, "POST", "auth/token/create", R"({"policies": ["root"]})").text("/errors/0") ==
      "root tokens may not be created without parent token being root");
  CHECK(world.as(maker, "POST", "auth/token/create", R"({"no_parent": true})").status == 400);
  CHECK(world.as(maker, "POST", "auth/token/create-orphan", "{}").text("/auth/orphan") == "true");
}

}  // namespace
}  // namespace chancery::vault
