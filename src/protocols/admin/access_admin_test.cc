#include <doctest/doctest.h>

#include "enrol/test_mount.h"
#include "protocols/admin/admin_api.h"
#include "protocols/json/test_client.h"

// Policies, tokens, roles of authentication methods, and intermediates through the admin API.

namespace chancery::admin {
namespace {

struct TestAdmin {
  TestAdmin()
      : api({*mount.service, *mount.enrolment, *mount.tokens, mount.clock, mount.log,
             *mount.methods, *mount.policies},
            {}),
        client(api, "/api/v1/") {
    client.token = mount.token;
    for (const char* method : {"approle", "userpass", "cert"}) {
      access::Mount wanted;
      wanted.kind = access::MountKind::kAuth;
      wanted.path = wanted.type = method;
      mount.commit(
          mount.methods->mounts.create(access::local_operator({}), std::move(wanted), "r").value());
    }
  }
  json::Answer post(std::string_view path, const boost::json::object& body) {
    return client.post(path, boost::json::serialize(body));
  }
  json::Answer as(const std::string& token, std::string_view method, std::string_view path,
                  std::string_view body = {}) {
    const std::string mine = std::exchange(client.token, token);
    json::Answer answer = client.send(method, path, body);
    client.token = mine;
    return answer;
  }

  enrol::TestMount mount;
  AdminApi api;
  json::TestClient client;
};

TEST_CASE("policies are written, read, listed and deleted") {
  TestAdmin admin;
  constexpr std::string_view kText = R"({"policy":"path \"pki/*\" { capabilities = [\"read\"] }"})";
  const auto made = admin.client.send("PUT", "policies/Readers", kText);
  CHECK(made.status == 200);
  CHECK(made.text("/name") == "readers");
  CHECK(admin.client.get("policies/readers").text("/policy") ==
        R"(path "pki/*" { capabilities = ["read"] })");
  CHECK(admin.client.get("policies").text("/policies") == R"(["default","readers","root"])");
  CHECK(admin.client.send("PUT", "policies/x", R"({"policy":"path {"})").status == 400);
  CHECK(admin.client.send("PUT", "policies/x", "{}").text("/field") == "policy");
  CHECK(admin.client.send("DELETE", "policies/readers").status == 204);
  CHECK(admin.client.get("policies/readers").status == 404);
  CHECK(admin.client.send("DELETE", "policies/root").status == 400);
}

TEST_CASE("tokens are made once shown, and named by their accessors") {
  TestAdmin admin;
  const auto made = admin.client.post(
      "tokens", R"({"policies":["default"],"ttl":"1h","num_uses":5,"metadata":{"who":"ci"}})");
  CHECK(made.status == 201);
  CHECK(made.text("/token").starts_with("chs."));
  CHECK(made.at("/ttl") == 3600);
  const boost::json::object named{{"accessor", made.text("/accessor")}};
  const auto shown = admin.post("tokens/show", named);
  CHECK(shown.text("/metadata/who") == "ci");
  CHECK(shown.at("/num_uses") == 5);
  CHECK_FALSE(shown.body.contains(made.text("/token")));
  CHECK(admin.client.get("tokens?limit=1").at("/accessors").as_array().size() == 1);
  CHECK(admin.post("tokens/renew", named).at("/ttl") == 3600);
  CHECK(admin.post("tokens/revoke", named).at("/revoked") == true);
  CHECK(admin.post("tokens/show", named).status == 404);
  CHECK(admin.client.post("tokens/show", "{}").text("/field") == "accessor");
  CHECK(admin.client.post("tokens", R"({"ttl":"-1h"})").status == 400);
  CHECK(admin.client.post("tokens", R"({"num_uses":-1})").text("/field") == "num_uses");
  CHECK(admin.client.post("tokens", R"({"surprise":1})").text("/field") == "surprise");
}

TEST_CASE("an orphan takes another right than a child") {
  TestAdmin admin;
  admin.client.send("PUT", "policies/maker",
                    R"({"policy":"path \"auth/token/create\" { capabilities = [\"update\"] }"})");
  const std::string maker =
      admin.client.post("tokens", R"({"policies":["maker"],"ttl":"1h"})").text("/token");
  CHECK(admin.as(maker, "POST", "tokens", R"({"ttl":"10m"})").status == 201);
  CHECK(admin.as(maker, "POST", "tokens", R"({"ttl":"10m","orphan":false})").status == 201);
  CHECK(admin.as(maker, "POST", "tokens", R"({"ttl":"10m","orphan":true})").status == 403);
  CHECK(admin.as(maker, "POST", "tokens", R"({"ttl":"10m","orphan":"1"})").status == 403);
}

TEST_CASE("roles of every kind of method, and the secrets of AppRole") {
  TestAdmin admin;
  const auto made = admin.client.post(
      "auth-roles/CI", R"({"method":"approle","token_policies":"default","secret_id_ttl":"1h"})");
  CHECK(made.status == 200);
  CHECK(made.text("/name") == "ci");
  CHECK(made.at("/secret_id_ttl") == 3600);
  // What is not named stays.
  CHECK(admin.client.post("auth-roles/ci", R"({"method":"approle","token_ttl":"5m"})")
            .at("/secret_id_ttl") == 3600);
  CHECK(admin.client.get("auth-roles?method=approle").text("/roles") == R"(["ci"])");
  CHECK(admin.client.get("auth-roles/ci?method=approle").at("/token_ttl") == 300);

  const auto secret = admin.client.post(
      "auth-roles/ci/secret-ids", R"({"method":"approle","metadata":{"a":"b"},"num_uses":2})");
  CHECK(secret.status == 201);
  CHECK(secret.text("/role_id") == made.text("/role_id"));
  const auto listed = admin.client.get("auth-roles/ci/secret-ids?method=approle");
  CHECK(listed.text("/secret_ids/0/accessor") == secret.text("/accessor"));
  CHECK(listed.at("/secret_ids/0/num_uses") == 2);
  CHECK_FALSE(listed.body.contains(secret.text("/secret_id")));
  const std::string one =
      "auth-roles/ci/secret-ids/" + secret.text("/accessor") + "?method=approle";
  CHECK(admin.client.send("DELETE", one).status == 204);
  CHECK(admin.client.send("DELETE", one).status == 404);
  CHECK(admin.client.send("DELETE", "auth-roles/ci?method=approle").status == 204);
  CHECK(admin.client.get("auth-roles/ci?method=approle").status == 404);

  CHECK(admin.client.post("auth-roles/bob", R"({"method":"userpass","password":"pw"})").status ==
        200);
  CHECK(admin.client.post("auth-roles/eve", R"({"method":"userpass"})").status == 400);
  CHECK_FALSE(admin.client.get("auth-roles/bob?method=userpass").body.contains("pw"));
  const boost::json::object ops{{"method", "cert"},
                                {"certificate", admin.mount.root.authority->certificate().to_pem()},
                                {"allowed_names", "a*"}};
  CHECK(admin.post("auth-roles/ops", ops).text("/allowed_names") == R"(["a*"])");

  CHECK(admin.client.get("auth-roles/x").text("/field") == "method");
  CHECK(admin.client.get("auth-roles/x?method=nowhere").status == 404);
  CHECK(admin.client.get("auth-roles?method=token").status == 400);
  CHECK(admin.client.post("auth-roles/x", R"({"method":"approle","surprise":1})").text("/field") ==
        "surprise");
}

TEST_CASE("a role of one method opens to its own path alone") {
  TestAdmin admin;
  admin.client.send("PUT", "policies/bots",
                    R"({"policy":"path \"auth/approle/role/*\" { capabilities = [\"update\"] }"})");
  const std::string token =
      admin.client.post("tokens", R"({"policies":["bots"],"ttl":"1h"})").text("/token");
  CHECK(admin.as(token, "POST", "auth-roles/ci", R"({"method":"approle"})").status == 200);
  CHECK(
      admin.as(token, "POST", "auth-roles/bob", R"({"method":"userpass","password":"x"})").status ==
      403);
  CHECK(admin.as(token, "GET", "auth-roles/ci?method=approle").status == 403);
}

TEST_CASE("an intermediate from its request to its place, and what explain says of it") {
  TestAdmin admin;
  const auto root = admin.client.post("authorities", R"({"common_name":"Top","name":"top"})");
  REQUIRE(root.status == 201);
  const auto requested = admin.client.post("authorities/requests", R"({"common_name":"Below"})");
  CHECK(requested.status == 201);
  const boost::json::object wish{{"csr", requested.text("/csr")}, {"common_name", "Below"}};
  const auto explained = admin.post("authorities/top/sign/explain", wish);
  CHECK(explained.at("/allowed") == true);
  CHECK(explained.text("/subject").contains("Below"));
  // The test's own issuing authority may have none below it.
  const auto refused = admin.post("authorities/issuing/sign/explain", wish);
  CHECK(refused.at("/allowed") == false);
  CHECK(refused.body.contains("issuer_path_length"));
  CHECK(admin.post("authorities/issuing/sign", wish).status == 422);

  const auto signed_one = admin.post("authorities/top/sign", wish);
  CHECK(signed_one.status == 201);
  const auto imported =
      admin.post("authorities/import", {{"pem", signed_one.text("/certificate")}});
  CHECK(imported.status == 200);
  const std::string id = imported.text("/authorities/0");
  CHECK(imported.text("/key_of/" + id) == requested.text("/key_id"));
  CHECK(admin.client.get("authorities/" + id).at("/has_key") == true);
  CHECK(admin.client.post("authorities/import", R"({"pem":"nonsense"})").status == 400);

  const boost::json::object crossed{{"common_name", "Below"}, {"key", requested.text("/key_id")}};
  CHECK(admin.post("authorities/requests", crossed).text("/key_id") == requested.text("/key_id"));
  CHECK(admin.client.post("authorities/requests", R"({})").text("/field") == "common_name");
}

TEST_CASE("explain says what would become of a request that is signed as it is") {
  TestAdmin admin;
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const boost::json::object wish{{"csr", enrol::TestMount::make_csr("www.example.test", key)}};
  const auto explained = admin.post("authorities/default/sign-verbatim/explain", wish);
  CHECK(explained.at("/allowed") == true);
  CHECK(explained.text("/names/0").contains("www.example.test"));
  const boost::json::object ruled{{"csr", wish.at("csr")}, {"role", "nobody"}};
  CHECK(admin.post("authorities/default/sign-verbatim/explain", ruled).status == 400);
  CHECK(admin.client.post("authorities/default/sign-verbatim/explain", "{}").text("/field") ==
        "csr");
}

}  // namespace
}  // namespace chancery::admin
