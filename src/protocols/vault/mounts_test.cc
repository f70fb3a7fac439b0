#include <doctest/doctest.h>

#include "protocols/vault/test_vault.h"

// Mounts through the API: sys/mounts, sys/auth, sys/remount, sys/internal/ui/mounts.

namespace chancery::vault {
namespace {

json::Answer as(TestVault& vault, const std::string& token, std::string_view method,
                std::string_view path, std::string_view body = {}) {
  const std::string mine = std::exchange(vault.client.token, token);
  json::Answer answer = vault.client.send(method, path, body);
  vault.client.token = mine;
  return answer;
}

TEST_CASE("mounts are made, shown, tuned, moved and removed") {
  TestVault vault;
  auto& client = vault.client;
  CHECK(client
            .post("sys/mounts/a/b",
                  R"({"type": "pki", "description": "d", "options": {"x": "y"}, "config": )"
                  R"({"default_lease_ttl": "1h", "max_lease_ttl": "8760h", )"
                  R"("audit_non_hmac_request_keys": ["a"], "listing_visibility": "unauth"}})")
            .status == 204);
  const auto shown = client.get("sys/mounts/a/b");
  CHECK(shown.text("/data/type") == "pki");
  CHECK(shown.text("/accessor").starts_with("pki_"));
  CHECK(shown.at("/data/config/max_lease_ttl") == 31'536'000);
  CHECK(shown.text("/data/config/audit_non_hmac_request_keys") == R"(["a"])");
  CHECK(shown.text("/data/options") == R"({"x":"y"})");
  CHECK(client.get("sys/mounts").text("/data/a~1b~1/uuid") == shown.text("/data/uuid"));
  CHECK(client.get("sys/mounts").text("/pki~1/type") == "pki");

  CHECK(client.get("sys/mounts/a/b/tune").at("/data/default_lease_ttl") == 3600);
  CHECK(client.post("sys/mounts/a/b/tune", R"({"max_lease_ttl": "20h", "description": "new"})")
            .status == 204);
  CHECK(client.post("sys/mounts/a/b/tune", R"({"default_lease_ttl": "30h"})").text("/errors/0") ==
        "backend max lease TTL of 72000 would be less than backend default lease TTL of 108000");
  CHECK(client.get("sys/mounts/a/b/tune").text("/data/description") == "new");

  const auto moved = client.post("sys/remount", R"({"from": "a/b", "to": "c"})");
  CHECK(moved.status == 200);
  const auto status = client.get("sys/remount/status/" + moved.text("/data/migration_id"));
  CHECK(status.text("/data/migration_info/status") == "success");
  CHECK(status.text("/data/migration_info/target_mount") == "c/");
  CHECK(client.get("sys/remount/status/nope").body == "{\"errors\":[]}\n");
  CHECK(client.get("sys/mounts/c").text("/data/accessor") == shown.text("/data/accessor"));
  CHECK(client.send("DELETE", "sys/mounts/c").status == 204);
  CHECK(client.send("DELETE", "sys/mounts/c").status == 204);
  CHECK(client.get("sys/mounts/c").text("/errors/0") == "No secret engine mount at c/");
}

TEST_CASE("a mount that came later signs verbatim and makes intermediates, whatever its path") {
  TestVault vault;
  auto& client = vault.client;
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const std::string csr = enrol::TestMount::make_csr("a.example.com", key);
  for (const std::string path : {"a", "team/with/a/path/longer/than/any/identifier/of/a/mount"}) {
    CAPTURE(path);
    REQUIRE(client.post("sys/mounts/" + path, R"({"type": "pki"})").status == 204);
    REQUIRE(client
                .post(path + "/root/generate/internal",
                      R"({"common_name": "R", "key_type": "ec", "issuer_name": "r"})")
                .status == 200);
    const std::string body = R"({"common_name": "B", "ttl": "1h", "csr": )" +
                             boost::json::serialize(boost::json::string(csr)) + "}";
    for (const char* below : {"/sign-verbatim", "/issuer/r/sign-verbatim",
                              "/root/sign-intermediate", "/issuer/r/sign-intermediate"}) {
      CAPTURE(below);
      CHECK(client.post(path + below, body).status == 200);
    }
    CHECK(client.post(path + "/issuer/nobody/sign-verbatim", body)
              .text("/errors/0")
              .contains("nobody"));
  }
}

TEST_CASE("what a mount may not be is said in Vault's words") {
  TestVault vault;
  const auto why = [&](const char* path, const char* body) {
    const auto answer = vault.client.post(path, body);
    CHECK(answer.status == 400);
    return answer.text("/errors/0");
  };
  CHECK(why("sys/mounts/pki", R"({"type": "pki"})") == "path is already in use at pki/");
  CHECK(why("sys/mounts/pki/x", R"({"type": "pki"})") == "path is already in use at pki/");
  CHECK(why("sys/mounts/x", R"({"type": "kv"})") == "plugin not found in the catalog: kv");
  CHECK(why("sys/mounts/x", "{}") == "backend type must be specified as a string");
  CHECK(why("sys/mounts/sys", R"({"type": "pki"})") == "cannot mount \"sys/\"");
  CHECK(why("sys/mounts/x", R"({"type": "pki", "config": {"default_lease_ttl": "x"}})") ==
        "unable to parse default TTL of x: time: invalid duration \"x\"");
  CHECK(why("sys/mounts/x",
            R"({"type": "pki", "config": {"default_lease_ttl": 7200, "max_lease_ttl": "1h"}})") ==
        "given default lease TTL greater than given max lease TTL");
  CHECK(why("sys/mounts/x", R"({"type": "pki", "config": {"listing_visibility": "foo"}})") ==
        "invalid listing_visibility foo");
  CHECK(why("sys/mounts/nope/tune", "{}") == "tune of path \"nope/\" failed: no mount entry found");
  CHECK(why("sys/remount", R"({"from": "nope", "to": "x"})") == "no matching mount at \"nope/\"");
  CHECK(why("sys/remount", R"({"from": "pki"})") ==
        "both 'from' and 'to' path must be specified as a string");
  CHECK(why("sys/remount", R"({"from": "auth/approle", "to": "xx"})") ==
        "cannot remount auth mount to non-auth mount \"xx/\"");
  CHECK(why("sys/auth/approle", R"({"type": "approle"})") == "path is already in use at approle/");
  CHECK(vault.client.send("DELETE", "sys/auth/token").text("/errors/0") ==
        "token credential backend cannot be disabled");
  CHECK(vault.client.get("sys/auth/nope").text("/errors/0") == "No auth engine at nope/");
  CHECK(vault.client.get("sys/mounts/nope/tune").text("/errors/0") ==
        "cannot fetch sysview for path \"nope/\"");
}

TEST_CASE("each mount has roles of its own, which move and go with it") {
  TestVault vault;
  auto& client = vault.client;
  vault.mount.add_role("web");
  REQUIRE(client.post("sys/mounts/two", R"({"type": "pki"})").status == 204);
  CHECK(client.get("two/roles/web").status == 404);
  REQUIRE(client.post("two/roles/web", R"({"key_type": "ec", "ttl": "5m"})").status == 200);
  CHECK(client.get("pki/roles/web").at("/data/ttl") == 0);
  CHECK(client.get("two/roles/web").at("/data/ttl") == 300);
  // It has no issuer yet.
  CHECK(client.post("two/issue/web", R"({"common_name": "a.b"})").status == 400);
  CHECK(client.send("LIST", "two/issuers").status == 404);
  REQUIRE(client.post("sys/remount", R"({"from": "two", "to": "deep/three"})").status == 200);
  CHECK(client.get("deep/three/roles/web").at("/data/ttl") == 300);
  CHECK(client.get("two/roles/web").text("/errors/0") ==
        "no handler for route \"two/roles/web\". route entry not found.");
  REQUIRE(client.send("DELETE", "sys/mounts/deep/three").status == 204);
  REQUIRE(client.post("sys/mounts/deep/three", R"({"type": "pki"})").status == 204);
  CHECK(client.get("deep/three/roles/web").status == 404);
}

TEST_CASE("the first mount can go, and comes back as another") {
  TestVault vault;
  auto& client = vault.client;
  vault.mount.add_role("web");
  CHECK(client.send("DELETE", "sys/mounts/pki").status == 204);
  CHECK(client.get("pki/ca/pem").status == 404);
  CHECK(client.post("pki/issue/web", R"({"common_name": "a.b"})").status == 404);
  CHECK(client.post("sys/mounts/pki", R"({"type": "pki"})").status == 204);
  CHECK(client.get("pki/roles/web").status == 404);
}

TEST_CASE("the bounds of a mount hold for certificates of its roles") {
  TestVault vault;
  auto& client = vault.client;
  vault.mount.add_role("web");
  REQUIRE(
      client.post("sys/mounts/pki/tune", R"({"default_lease_ttl": "1h", "max_lease_ttl": "2h"})")
          .status == 204);
  const auto expiry = [&](const char* body) {
    const auto issued = client.post("pki/issue/web", body);
    REQUIRE(issued.status == 200);
    return issued.at("/data/expiration").as_int64() - to_unix(vault.mount.clock.now());
  };
  CHECK(expiry(R"({"common_name": "a.b"})") == 3600);
  CHECK(expiry(R"({"common_name": "a.b", "ttl": "90h"})") == 7200);
}

TEST_CASE("the list for user interfaces shows what the caller reaches") {
  TestVault vault;
  auto& client = vault.client;
  REQUIRE(client
              .post("sys/mounts/seen", R"({"type": "pki", "config": )"
                                       R"({"listing_visibility": "unauth"}})")
              .status == 204);
  REQUIRE(client
              .post("sys/policies/acl/one",
                    R"({"policy": "path \"pki/issue/+\" { capabilities = [\"update\"] }"})")
              .status == 204);
  const std::string token =
      client.post("auth/token/create", R"({"policies": ["one"], "no_default_policy": true})")
          .text("/auth/client_token");
  const auto all = client.get("sys/internal/ui/mounts");
  CHECK(all.text("/data/secret/pki~1/type") == "pki");
  CHECK(all.text("/data/auth/approle~1/type") == "approle");
  const auto some = as(vault, token, "GET", "sys/internal/ui/mounts");
  CHECK(some.text("/data/secret/pki~1/accessor").starts_with("pki_"));
  CHECK(some.text("/data/secret/seen~1") == "(absent)");
  CHECK(some.text("/data/auth") == "{}");
  const auto none = vault.anonymous("GET", "sys/internal/ui/mounts");
  CHECK(none.text("/data/secret") == R"({"seen/":{"description":"","options":{},"type":"pki"}})");
  CHECK(as(vault, token, "GET", "sys/internal/ui/mounts/pki/roles").text("/data/path") == "pki/");
  const auto refused = as(vault, token, "GET", "sys/internal/ui/mounts/seen");
  CHECK(refused.status == 403);
  CHECK(refused.text("/errors/0").ends_with("grant access to path \"seen/\""));
  CHECK(vault.anonymous("GET", "sys/internal/ui/mounts/pki").status == 403);
}

TEST_CASE("authentication methods ask for sudo") {
  TestVault vault;
  auto& client = vault.client;
  REQUIRE(client
              .post("sys/policies/acl/weak",
                    R"({"policy": "path \"sys/*\" )"
                    R"({ capabilities = [\"read\", \"update\", \"delete\"] }"})")
              .status == 204);
  const std::string token =
      client.post("auth/token/create", R"({"policies": ["weak"]})").text("/auth/client_token");
  CHECK(as(vault, token, "POST", "sys/auth/x", R"({"type": "userpass"})").status == 403);
  CHECK(as(vault, token, "DELETE", "sys/auth/approle").status == 403);
  CHECK(as(vault, token, "POST", "sys/remount", R"({"from": "pki", "to": "x"})").status == 403);
  CHECK(as(vault, token, "GET", "sys/auth").status == 200);
  CHECK(as(vault, token, "POST", "sys/mounts/x", R"({"type": "pki"})").status == 204);
}

TEST_CASE("the host tells what it is") {
  TestVault vault;
  const auto info = vault.client.get("sys/host-info");
  CHECK(info.status == 200);
  CHECK(info.at("/data/memory/total").as_int64() > 0);
  CHECK(info.text("/data/host/os") == "linux");
  CHECK(info.at("/data/cpu_times").as_array().size() > 0);
}

}  // namespace
}  // namespace chancery::vault
