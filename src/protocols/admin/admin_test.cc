#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "ca/hierarchy.h"
#include "ca/mass_revocation.h"
#include "enrol/test_mount.h"
#include "protocols/admin/admin_api.h"
#include "protocols/json/test_client.h"

namespace chancery::admin {
namespace {

struct TestAdmin {
  explicit TestAdmin(enrol::TestMount::Distance distance = enrol::TestMount::Distance::kLocal)
      : mount({crypto::KeyAlgorithm::kEcdsaP256, 0}, distance),
        api({*mount.service, *mount.enrolment, *mount.tokens, mount.clock, mount.log,
             *mount.methods, *mount.policies},
            {}),
        client(api, "/api/v1/") {
    client.token = mount.token;
  }

  json::Answer issue(const std::string& body) { return client.post("certificates", body); }

  enrol::TestMount mount;
  AdminApi api;
  json::TestClient client;
};

std::string example(const Route& route) {
  std::string path;
  for (const std::string_view segment : split(route.pattern, '/')) {
    path += (path.empty() ? "" : "/") + std::string(segment.starts_with('{') ? "11:22" : segment);
  }
  return path;
}

// required looks whether a JSON value has what a schema of the OpenAPI document requires.
void check_schema(const json::Answer& answer, const std::string& schema) {
  TestAdmin admin;
  const auto document = admin.client.get("openapi.json");
  const boost::json::value required = document.at("/components/schemas/" + schema + "/required");
  const boost::json::value known = document.at("/components/schemas/" + schema + "/properties");
  REQUIRE(required.is_array());
  const boost::json::object object = answer.object();
  for (const auto& name : required.get_array()) {
    CAPTURE(std::string(name.as_string()));
    CHECK(object.contains(name.as_string()));
  }
  for (const auto& member : object) {
    CAPTURE(std::string(member.key()));
    CHECK(known.as_object().contains(member.key()));
  }
}

TEST_CASE("authorisation matrix: without a token there is nothing but the document") {
  TestAdmin admin;
  const std::string token = admin.client.token;
  for (const Route& route : routes()) {
    const std::string path = example(route);
    CAPTURE(path);
    for (const char* wrong : {"", "chs.wrong"}) {
      admin.client.token = wrong;
      const auto answer = admin.client.send(route.method, path);
      if (route.guard == Guard::kOpen) {
        CHECK(answer.status == 200);
        CHECK(route.id == "showOpenApi");
      } else {
        CHECK(answer.status == 401);
        CHECK(answer.type == "application/problem+json");
        check_schema(answer, "Problem");
      }
    }
    admin.client.token = token;
    const auto answer = admin.client.send(route.method, path);
    CHECK(answer.status != 401);
    CHECK(answer.status < 500);
  }
  admin.client.token.clear();
  CHECK(admin.client.get("nope").status == 401);
  admin.client.headers = {{"X-Vault-Token", token}};
  CHECK(admin.client.get("status").status == 401);
}

// make_token gives a token whose one policy has these capabilities on a path.
std::string make_token(TestAdmin& admin, std::string_view path, const std::string& capabilities) {
  static unsigned made = 0;
  const std::string name = "row" + std::to_string(made++);
  const auto root = access::local_operator(admin.mount.scope);
  admin.mount.commit(
      admin.mount.policies
          ->put(root, name,
                "path \"" + std::string(path) + "\" { capabilities = [" + capabilities + "] }",
                "req-policy")
          .value());
  access::Tokens::Order order;
  order.policies = {name};
  order.no_default_policy = true;
  return admin.mount.commit(admin.mount.tokens->login(order, "req-token")).token.secret;
}

TEST_CASE("authorisation matrix: a row opens to the capability that it names and to no other") {
  TestAdmin admin;
  const auto quoted_name = [](access::Action action) {
    return "\"" + std::string(access::name(action)) + "\"";
  };
  constexpr std::array kActions{access::Action::kCreate, access::Action::kRead,
                                access::Action::kUpdate, access::Action::kPatch,
                                access::Action::kDelete, access::Action::kList,
                                access::Action::kScan,   access::Action::kSudo};
  for (const Route& route : routes()) {
    if (route.guard == Guard::kOpen) continue;
    const std::string path = example(route);
    CAPTURE(route.id);
    const bool privileged =
        (path.starts_with("auth-methods") && route.method != "GET") || route.id == "listTokens";
    const std::string exact = quoted_name(route.action) + (privileged ? ", \"sudo\"" : "");
    std::string others;
    for (const access::Action action : kActions) {
      if (action != route.action) others += (others.empty() ? "" : ", ") + quoted_name(action);
    }
    const auto status = [&](const std::string& token) {
      const std::string root = std::exchange(admin.client.token, token);
      const unsigned answered = admin.client.send(route.method, path, "{}").status;
      admin.client.token = root;
      return answered;
    };
    CHECK(status(make_token(admin, "*", exact)) != 403);
    CHECK((status(make_token(admin, "*", quoted_name(route.action))) == 403) == privileged);
    CHECK(status(make_token(admin, "*", others)) == 403);
    CHECK(status(make_token(admin, "elsewhere/*", exact)) == 403);
    CHECK(status(make_token(admin, "*", exact + ", \"deny\"")) == 403);
  }
}

TEST_CASE("what nobody listed is refused") {
  TestAdmin admin;
  for (const char* path : {"", "nope", "roles/a/b", "certificates/1/2/3", "status/x"}) {
    CAPTURE(path);
    CHECK(admin.client.get(path).status == 404);
  }
  const auto wrong = admin.client.send("DELETE", "certificates");
  CHECK(wrong.status == 405);
  CHECK(wrong.text("/code") == "method_not_allowed");
  CHECK(wrong.text("/detail") == "this path has POST, GET");
  CHECK(admin.client.send("PATCH", "roles/web").status == 405);
  CHECK(admin.client.send("LIST", "roles").status == 405);
}

TEST_CASE("the document describes every route and only those") {
  TestAdmin admin;
  const auto document = admin.client.get("openapi.json");
  CHECK(document.status == 200);
  CHECK(document.text("/openapi") == "3.1.0");
  const boost::json::value paths = document.at("/paths");
  std::size_t operations = 0;
  for (const auto& path : paths.as_object()) operations += path.value().as_object().size();
  CHECK(operations == routes().size());
  std::set<std::string_view> ids;
  for (const Route& route : routes()) {
    CHECK(ids.insert(route.id).second);
    const auto& path = paths.as_object().at("/" + std::string(route.pattern)).as_object();
    CHECK(path.contains(to_lower(route.method)));
    for (const std::string_view schema : {route.request_schema, route.response_schema}) {
      if (schema.empty()) continue;
      CHECK(document.at("/components/schemas/" + std::string(schema)).is_object());
    }
    for (const std::string_view name : split(route.parameters, ' ')) {
      if (name.empty()) continue;
      CHECK(document.at("/components/parameters/" + std::string(name)).is_object());
    }
  }
}

TEST_CASE("status and authorities") {
  TestAdmin admin;
  admin.mount.clock.advance(seconds{90});
  const auto status = admin.client.get("status");
  CHECK(status.status == 200);
  check_schema(status, "Status");
  CHECK(status.at("/uptime_seconds").as_int64() == 90);
  CHECK(status.at("/authorities").as_array().size() == 2);
  CHECK(status.at("/authorities/0/is_default").as_bool());

  const auto list = admin.client.get("authorities");
  CHECK(list.at("/authorities").as_array().size() == 2);
  const auto issuing = admin.client.get("authorities/issuing");
  check_schema(issuing, "Authority");
  CHECK(issuing.text("/id") == admin.mount.issuing_id);
  CHECK(issuing.at("/has_key").as_bool());
  CHECK(issuing.text("/key_type") == "ECDSA P-256");
  CHECK_FALSE(admin.client.get("authorities/root").at("/has_key").as_bool());
  CHECK(admin.client.get("authorities/default").body == issuing.body);
  CHECK(admin.client.get("authorities/nobody").status == 404);
}

TEST_CASE("roles") {
  TestAdmin admin;
  const auto made = admin.client.send("PUT", "roles/web",
                                      R"({"allow_any_name":true,"key_type":"ec","ttl":"1h"})");
  CHECK(made.status == 200);
  CHECK(made.text("/name") == "web");
  CHECK(made.at("/ttl").as_int64() == 3600);
  CHECK(admin.client.get("roles/web").body == made.body);
  CHECK(admin.client.send("PUT", "roles/copy", "{}").status == 200);
  // What was read can be written back.
  // What was read can be written back, once: its version is a condition.
  CHECK(admin.client.send("PUT", "roles/web", made.body).at("/version").as_int64() == 2);
  CHECK(admin.client.send("PUT", "roles/web", made.body).status == 409);
  admin.client.headers = {{"If-Match", "\"1\""}};
  CHECK(admin.client.send("PUT", "roles/web", "{}").status == 409);
  CHECK(admin.client.send("PUT", "roles/web?dry_run=true", "{}").status == 409);
  CHECK(admin.client.send("DELETE", "roles/web").status == 409);
  CHECK(admin.client.send("DELETE", "roles/none").status == 409);
  admin.client.headers = {};
  CHECK(admin.client.send("PUT", "roles/other", made.body).text("/field") == "name");

  const auto unknown = admin.client.send("PUT", "roles/web", R"({"alow_any_name":true})");
  CHECK(unknown.status == 400);
  CHECK(unknown.text("/field") == "alow_any_name");
  CHECK(admin.client.send("PUT", "roles/web", R"({"ttl":1,"ttl":2})").status == 400);
  CHECK(admin.client.send("PUT", "roles/-x", "{}").text("/field") == "name");

  auto page = admin.client.get("roles?limit=1");
  check_schema(page, "RoleList");
  CHECK(page.text("/roles/0") == "copy");
  CHECK(page.text("/next") == "copy");
  page = admin.client.get("roles?limit=1&after=copy");
  CHECK(page.text("/roles/0") == "web");
  CHECK(page.at("/next").is_null());
  CHECK(admin.client.get("roles?limit=0").status == 400);
  CHECK(admin.client.get("roles?limit=9999").text("/field") == "limit");

  CHECK(admin.client.send("DELETE", "roles/web").status == 204);
  CHECK(admin.client.get("roles/web").status == 404);
}

TEST_CASE("profiles: derive, read, replace at a version, delete") {
  TestAdmin admin;
  const auto put = [&](const std::string& path, const std::string& body) {
    return admin.client.send("PUT", "profiles/" + path, body);
  };
  const std::string web =
      R"({"extends":"tls-server","allowed_domains":["example.com"],"allow_subdomains":true,"ttl":"1h"})";
  auto preview = put("web?dry_run=true", web);
  CHECK(preview.status == 200);
  CHECK(preview.text("/keys/0") == "ec-p256");
  CHECK(admin.client.get("profiles/web").status == 404);

  const auto made = put("web", web);
  CHECK(made.status == 200);
  CHECK(made.body == preview.body);
  CHECK(made.at("/version").as_int64() == 1);
  CHECK(made.text("/extends") == "tls-server");
  CHECK(made.at("/ttl").as_int64() == 3600);
  CHECK(std::ranges::any_of(made.headers, [](const http::Header& header) {
    return header.name == "ETag" && header.value == "\"1\"";
  }));
  CHECK(admin.client.get("profiles/web").body == made.body);

  // What was read can be written back, once: its version is a condition.
  CHECK(put("web", made.body).at("/version").as_int64() == 2);
  CHECK(put("web", made.body).status == 409);
  admin.client.headers = {{"If-Match", "\"1\""}};
  CHECK(put("web", web).status == 409);
  CHECK(admin.client.send("DELETE", "profiles/web").status == 409);
  admin.client.headers = {{"If-Match", "1"}};
  CHECK(put("web", web).text("/field") == "version");
  admin.client.headers = {{"If-None-Match", "*"}};
  CHECK(put("web", web).status == 409);
  admin.client.headers = {};

  CHECK(put("x", R"({"extends":"nope"})").text("/field") == "extends");
  CHECK(put("x", R"({"extends":"peer","must_staples":true})").text("/detail") ==
        "unknown field \"must_staples\"; did you mean \"must_staple\"?");
  CHECK(put("x", R"({"extends":"peer","key_type":"rsa"})").text("/field") == "key_type");
  CHECK(put("x", R"({"extends":"peer","lints":["nope=off"]})").text("/field") == "lints");
  CHECK(put("x", R"({"extends":"peer","name":"y"})").text("/field") == "name");
  CHECK(put("x?dry_run=perhaps", R"({"extends":"peer"})").text("/field") == "dry_run");
  CHECK(put("x", "{}").text("/field") == "keys");
  CHECK(put("tls-server", web).status == 422);

  auto page = admin.client.get("profiles?limit=1&after=tls-server");
  check_schema(page, "ProfileList");
  CHECK(page.text("/profiles/0/name") == "web");
  CHECK_FALSE(page.at("/profiles/0/shipped").as_bool());
  CHECK(page.at("/next").is_null());
  CHECK(admin.client.get("profiles/tls-server").at("/shipped").as_bool());

  const auto issued =
      admin.issue(R"({"profile":"web","server_key":true,"common_name":"a.example.com"})");
  CHECK(issued.status == 201);
  check_schema(issued, "IssuedCertificate");
  CHECK(admin.issue(R"({"profile":"web","server_key":true,"common_name":"a.b"})").text("/rule") ==
        "allowed_domains");
  CHECK(admin.issue(R"({"profile":"no","server_key":true})").text("/field") == "profile");
  CHECK(admin.issue(R"({"profile":"web","role":"web","server_key":true})").text("/field") ==
        "role");

  CHECK(admin.client.send("DELETE", "profiles/web").status == 204);
  CHECK(admin.client.send("DELETE", "profiles/web").status == 404);
  CHECK(admin.client.send("DELETE", "profiles/peer").status == 422);
}

TEST_CASE("CRL settings: shown, replaced, strictly read; CRLs are rotated") {
  TestAdmin admin;
  const auto before = admin.client.get("crl-settings");
  check_schema(before, "CrlSettings");
  CHECK(before.text("/expiry") == "72h");
  const auto written =
      admin.client.send("PUT", "crl-settings", R"({"expiry":"2d","auto_rebuild":true})");
  CHECK(written.status == 200);
  CHECK(written.text("/expiry") == "2d");
  CHECK(written.at("/auto_rebuild").as_bool());
  CHECK(admin.client.get("crl-settings").body == written.body);
  CHECK_FALSE(admin.client.send("PUT", "crl-settings", "{}").at("/auto_rebuild").as_bool());
  CHECK(admin.client.send("PUT", "crl-settings", R"({"expiri":"2d"})").text("/detail") ==
        "unknown field \"expiri\"; did you mean \"expiry\"?");
  for (const char* wrong :
       {R"({"expiry":"0"})", R"({"expiry":"soon"})", R"({"enable_delta":true})"})
    CHECK(admin.client.send("PUT", "crl-settings", wrong).status == 400);

  const auto first = admin.client.post("crls/rotate", "");
  check_schema(first, "CrlList");
  CHECK(first.lanes == std::vector{http::Lane::kCpu});
  CHECK(first.at("/crls").as_array().size() == 1);  // the root's key is elsewhere
  const auto delta = admin.client.post("crls/rotate", R"({"delta":true})");
  CHECK(delta.at("/crls/0/number").as_int64() == first.at("/crls/0/number").as_int64() + 1);
  CHECK(admin.client.get("policy-page").body.contains("renewed on each revocation"));
}

TEST_CASE("roles: a dry run stores nothing and says what would be") {
  TestAdmin admin;
  const std::string body = R"({"allow_any_name":true,"key_type":"ec"})";
  const auto preview = admin.client.send("PUT", "roles/web?dry_run=true", body);
  CHECK(preview.status == 200);
  CHECK(admin.client.get("roles/web").status == 404);
  CHECK(admin.client.send("PUT", "roles/web", body).body == preview.body);
  CHECK(admin.client.send("PUT", "roles/web", R"({"alow_any_name":true})").text("/detail") ==
        "unknown field \"alow_any_name\"; did you mean \"allow_any_name\"?");
}

TEST_CASE("the policy page says what is configured, and nothing in it is markup of a client") {
  TestAdmin admin;
  admin.mount.add_role("web");
  const std::string empty = admin.client.get("policy-page").body;
  for (const char* section : {"# Certificate Policy", "## 1. Introduction", "## 2. ", "## 3. ",
                              "## 4. ", "## 5. ", "## 6. ", "## 7. ", "## 8. ", "## 9. "}) {
    CAPTURE(section);
    CHECK(empty.contains(section));
  }
  CHECK(empty.contains("#### Role `web`"));
  CHECK_FALSE(empty.contains("#### Profile"));
  CHECK(empty.contains("CN=Test Issuing"));
  CHECK(empty.contains("CRLs are valid 3 days"));
  const auto made = admin.client.send(
      "PUT", "profiles/mail",
      R"({"extends":"smime","allowed_domains":["example.com"],"allow_bare_domains":true,"ttl":"240h","description":"# [x](y) <b>"})");
  CHECK(made.status == 200);
  const std::string page = admin.client.get("policy-page").body;
  CHECK(page.contains("#### Profile `mail`"));
  CHECK(page.contains("of the domains `example.com` themselves"));
  CHECK(page.contains("Certificates live 10 days unless asked otherwise"));
  CHECK(page.contains("\\# \\[x\\](y) \\<b\\>"));
}

TEST_CASE("issue for a request and with a new key") {
  TestAdmin admin;
  admin.mount.add_role("web");
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const std::string csr = enrol::TestMount::make_csr("a.example.com", key);
  auto made = admin.issue(
      boost::json::serialize(boost::json::object{{"role", "web"}, {"csr", csr}, {"ttl", 600}}));
  REQUIRE(made.status == 201);
  check_schema(made, "IssuedCertificate");
  const auto certificate = x509::Certificate::from_pem(made.text("/certificate")).value();
  CHECK(equal(certificate.spki(), key.public_key().spki()));
  CHECK_FALSE(made.object().contains("private_key"));

  made = admin.issue(
      R"({"role":"web","server_key":true,"common_name":"b.example.com","names":["c.example.com","10.0.0.1","x@example.com"]})");
  REQUIRE(made.status == 201);
  check_schema(made, "IssuedCertificate");
  const auto issued = x509::Certificate::from_pem(made.text("/certificate")).value();
  CHECK(issued.subject_alt_names().size() == 4);
  const auto made_key = crypto::PrivateKey::from_pem(made.text("/private_key")).value();
  CHECK(equal(made_key.public_key().spki(), issued.spki()));

  admin.mount.add_role("any",
                       [](policy::Role& role) { role.key_type = policy::RoleKeyType::kAny; });
  made = admin.issue(
      R"({"role":"any","key_type":"mldsa","key_bits":65,"common_name":"d.example.com"})");
  CHECK(made.status == 201);
  CHECK(made.text("/key_type") == "ML-DSA-65");
  CHECK(made.lanes == std::vector{http::Lane::kCpu});
}

TEST_CASE("a root is made and becomes the default; keys are listed, and destroyed when unused") {
  TestAdmin admin;
  auto& client = admin.client;
  const auto made = client.post(
      "authorities", R"({"common_name": "New Root", "name": "new", "organization": ["Example"]})");
  CHECK(made.status == 201);
  check_schema(made, "Authority");
  CHECK(made.text("/subject") == "CN=New Root,O=Example");
  CHECK(client.post("authorities", R"({"common_name": "Again", "name": "new"})").status == 409);
  CHECK(client.post("authorities", R"({"name": "x"})").status == 400);
  CHECK(client.post("authorities", R"({"common_name": "x", "nonsense": 1})").status == 400);
  CHECK(client.post("authorities/new/default", "{}").status == 200);
  CHECK(client.get("authorities/default").text("/name") == "new");
  CHECK(client.post("authorities/nobody/default", "{}").status == 404);

  const auto keys = client.get("keys");
  check_schema(keys, "KeyList");
  CHECK(keys.at("/keys").as_array().size() == 2);
  auto& hierarchy = admin.mount.service->hierarchy();
  auto key = hierarchy.new_key(admin.mount.scope, {crypto::KeyAlgorithm::kEcdsaP256, 0}, "spare");
  const auto record = admin.mount.commit(
      hierarchy.add_key(access::local_operator(admin.mount.scope), *key, "req-key").value());
  CHECK(client.get("keys/spare").text("/id") == record.id);
  CHECK(client.send("DELETE", "keys/spare").status == 204);
  CHECK(client.get("keys/spare").status == 404);
  CHECK(admin.mount.keys->find(record.id).error().code == Code::kNotFound);
  CHECK(client.send("DELETE", "keys/" + keys.text("/keys/0/id")).status >= 400);
}

TEST_CASE("mounts and authentication methods are enabled, tuned, listed and disabled") {
  TestAdmin admin;
  auto& client = admin.client;
  const auto made = client.post(
      "mounts",
      R"({"path": "team/web", "type": "pki", "description": "d", "max_lease_ttl": "720h"})");
  CHECK(made.status == 201);
  check_schema(made, "Mount");
  CHECK(made.text("/path") == "team/web/");
  CHECK(made.at("/max_lease_ttl") == 2'592'000);
  CHECK(client.post("mounts", R"({"path": "team/web", "type": "pki"})").status == 400);
  CHECK(client.post("mounts", R"({"path": "x", "type": "approle"})").status == 400);
  CHECK(client.post("mounts", R"({"type": "pki"})").status == 400);
  CHECK(client
            .post("mounts", R"({"path": "x", "type": "pki", "default_lease_ttl": "2h", )"
                            R"("max_lease_ttl": "1h"})")
            .status == 400);
  const auto tuned =
      client.post("mounts/tune", R"({"path": "team/web", "default_lease_ttl": "1h"})");
  CHECK(tuned.at("/default_lease_ttl") == 3600);
  CHECK(tuned.text("/description") == "d");
  check_schema(client.get("mounts"), "MountList");
  CHECK(client.get("mounts").body.contains("team/web/"));
  CHECK(client.post("auth-methods", R"({"path": "robots", "type": "approle"})").status == 201);
  CHECK(client.get("auth-methods").body.contains("robots/"));
  CHECK(client.post("auth-methods/disable", R"({"path": "robots"})").status == 200);
  CHECK(client.post("auth-methods/disable", R"({"path": "token"})").status == 400);
  CHECK(client.post("mounts/disable", R"({"path": "team/web"})").status == 200);
  CHECK(client.post("mounts/disable", R"({"path": "team/web"})").status == 404);
  CHECK_FALSE(client.get("mounts").body.contains("team/web/"));
}

TEST_CASE("explain says every rule's word and issues nothing") {
  TestAdmin admin;
  admin.mount.add_role("web", [](policy::Role& role) {
    role.allow_any_name = false;
    role.allowed_domains = {"example.com"};
    role.allow_subdomains = true;
  });
  const auto explain = [&](const std::string& body) {
    const auto answer = admin.client.post("certificates/explain", body);
    CHECK(answer.status == 200);
    check_schema(answer, "Explanation");
    return answer;
  };
  const auto before = admin.client.get("certificates").text("/certificates");
  const auto good =
      explain(R"({"role": "web", "common_name": "a.example.com", "key_type": "ec", "ttl": "1h"})");
  CHECK(good.at("/allowed") == true);
  CHECK(good.text("/subject") == "CN=a.example.com");
  CHECK(good.text("/names") == R"(["DNS:a.example.com"])");
  CHECK_FALSE(good.body.contains("refuses"));
  const auto bad = explain(
      R"({"role": "web", "common_name": "evil.org", "key_type": "ec", "names": ["https://a.b"]})");
  CHECK(bad.at("/allowed") == false);
  CHECK(bad.body.contains("common name evil.org not allowed by this role"));
  CHECK(bad.body.contains("allowed_uri_sans"));
  CHECK(bad.body.contains("not_reached"));
  CHECK(admin.client.get("certificates").text("/certificates") == before);
  CHECK(admin.client.post("certificates/explain", R"({"role": "none", "key_type": "ec"})").status ==
        400);
}

TEST_CASE("what cannot be issued is a problem with its field") {
  TestAdmin admin;
  admin.mount.add_role("web", [](policy::Role& role) { role.allow_any_name = false; });
  const auto problem = [&](const char* body, unsigned status) {
    const auto answer = admin.issue(body);
    CHECK(answer.status == status);
    CHECK(answer.type == "application/problem+json");
    return answer.text("/field");
  };
  CHECK(problem("{}", 400) == "role");
  CHECK(problem(R"({"role":"web"})", 400) == "csr");
  CHECK(problem(R"({"role":"web","csr":"x","key_type":"ec"})", 400) == "csr");
  CHECK(problem(R"({"role":"web","csr":"x"})", 400) == "csr");
  CHECK(problem(R"({"role":"none","server_key":true})", 400) == "role");
  CHECK(problem(R"({"role":"web","server_key":true,"common_name":"a.b"})", 422) == "common_name");
  CHECK(problem(R"({"role":"web","server_key":true,"comon_name":"a.b"})", 400) == "comon_name");
  CHECK(problem(R"({"role":"web","ttl":"soon"})", 400) == "ttl");
  CHECK(problem(R"({"role":"web","role":"web"})", 400) == "role");
  CHECK(problem("[]", 400) == "(absent)");
}

TEST_CASE("search, show, revoke") {
  TestAdmin admin;
  admin.mount.add_role("web");
  std::vector<std::string> serials;
  for (const char* name : {"a.example.com", "b.example.com", "c.example.org"}) {
    const auto made = admin.issue(
        std::string(R"({"role":"web","server_key":true,"common_name":")") + name + "\"}");
    REQUIRE(made.status == 201);
    serials.push_back(made.text("/serial_number"));
  }
  const auto count = [&](const std::string& query) {
    const auto answer = admin.client.get("certificates?" + query);
    CHECK(answer.status == 200);
    CHECK(answer.lanes == std::vector{http::Lane::kSearch});
    check_schema(answer, "CertificateList");
    return answer.at("/certificates").as_array().size();
  };
  CHECK(count("") == 3);
  CHECK(count("name=a.example.com") == 1);
  CHECK(count("name_suffix=.example.com") == 2);
  CHECK(count("issuer=default") == 3);
  CHECK(count("issuer=root") == 0);
  CHECK(count("serial=" + serials[1]) == 1);
  CHECK(count("not_after_to=2026-01-01T00:00:00Z") == 0);
  CHECK(count("not_after_from=2026-01-01T00:00:00Z") == 3);

  auto page = admin.client.get("certificates?limit=2");
  CHECK(page.text("/certificates/0/serial_number") == serials[2]);
  page = admin.client.get("certificates?limit=2&before=" + page.text("/next"));
  CHECK(page.text("/certificates/0/serial_number") == serials[0]);
  CHECK(page.at("/next").is_null());

  auto shown = admin.client.get("certificates/" + serials[0]);
  CHECK(shown.status == 200);
  CHECK(shown.text("/status") == "valid");
  CHECK(shown.text("/role") == "web");
  CHECK(x509::Certificate::from_pem(shown.text("/certificate")).has_value());
  const std::string fingerprint = shown.text("/fingerprint_sha256");
  CHECK(count("fingerprint=" + fingerprint) == 1);
  CHECK(admin.client.get("certificates/" + fingerprint).text("/serial_number") == serials[0]);

  const std::string revoke = "certificates/" + serials[0] + "/revoke";
  auto revoked = admin.client.post(revoke, R"({"reason":"keyCompromise"})");
  CHECK(revoked.status == 200);
  check_schema(revoked, "Revocation");
  CHECK(revoked.text("/revocation/reason") == "keyCompromise");
  CHECK_FALSE(revoked.at("/already_revoked").as_bool());
  revoked = admin.client.post(revoke, "");
  CHECK(revoked.at("/already_revoked").as_bool());
  CHECK(revoked.text("/revocation/reason") == "keyCompromise");
  shown = admin.client.get("certificates/" + serials[0]);
  CHECK(shown.text("/status") == "revoked");
  CHECK(shown.text("/revocation/reason") == "keyCompromise");

  CHECK(admin.client.post(revoke, R"({"reason":"bored"})").text("/field") == "reason");
  CHECK(admin.client.post("certificates/zz/revoke", "").status == 404);
  CHECK(admin.client.post("certificates/11:22/revoke", "").status == 404);
  CHECK(admin.client.get("certificates/11:22").status == 404);
  CHECK(admin.client.get("certificates/" + std::string(64, 'a')).status == 404);
  CHECK(admin.client.get("certificates?serial=zz").text("/field") == "serial");
  CHECK(admin.client.get("certificates?nam=x").text("/field") == "nam");
  CHECK(admin.client.get("certificates?name=x&name=y").status == 400);
}

TEST_CASE("block a key by certificate, request or fingerprint; it gets no certificate") {
  TestAdmin admin;
  admin.mount.add_role("web");
  const auto made =
      admin.issue(R"({"role":"web","server_key":true,"common_name":"a.example.com"})");
  REQUIRE(made.status == 201);
  const auto certificate = x509::Certificate::from_pem(made.text("/certificate")).value();
  const std::string digits = hex(crypto::sha256(certificate.spki()));
  boost::json::object body{{"certificate", made.text("/certificate")}, {"reason", "leaked"}};
  const auto blocked = admin.client.send("POST", "blocked-keys", boost::json::serialize(body));
  CHECK(blocked.status == 200);
  check_schema(blocked, "BlockedKey");
  CHECK(blocked.text("/spki_sha256") == digits);
  CHECK_FALSE(blocked.at("/already_blocked").as_bool());
  const auto again = admin.client.send("POST", "blocked-keys",
                                       R"({"spki_sha256":")" + digits + R"(","reason":"other"})");
  CHECK(again.at("/already_blocked").as_bool());
  CHECK(again.text("/reason") == "leaked");
  CHECK(admin.client.get("blocked-keys/" + digits).text("/reason") == "leaked");
  const auto listed = admin.client.get("blocked-keys?limit=1");
  check_schema(listed, "BlockedKeyList");
  CHECK(listed.at("/blocked_keys").as_array().size() == 1);

  for (const char* wrong : {R"({"reason":"x"})", R"({"spki_sha256":"12","reason":"x"})",
                            R"({"certificate":"x","reason":"x"})", R"({"csr":"x","reason":"x"})"}) {
    CHECK(admin.client.send("POST", "blocked-keys", wrong).status == 400);
  }
  CHECK(admin.client
            .send("POST", "blocked-keys", R"({"spki_sha256":")" + digits + R"(","reason":" "})")
            .text("/field") == "reason");

  CHECK(admin.client.send("DELETE", "blocked-keys/" + digits).status == 204);
  CHECK(admin.client.send("DELETE", "blocked-keys/" + digits).status == 404);
  CHECK(admin.client.get("blocked-keys/" + digits).status == 404);
}

TEST_CASE("no handler reads a distant store on a reactor") {
  TestAdmin admin(enrol::TestMount::Distance::kRemote);
  for (const Route& route : routes()) {
    http::Request request;
    request.method = route.method;
    request.path = "/api/v1/" + example(route);
    request.headers = {{"Authorization", "Bearer " + admin.mount.token}};
    CAPTURE(request.path);
    http::Context reactor;
    admin.mount.remote->may_read = false;
    const auto response = admin.api.handle(request, reactor);
    admin.mount.remote->may_read = true;
    const bool moved = std::holds_alternative<http::Lane>(response.continuation());
    CHECK(moved == (route.reads != Reads::kNothing));
  }
}

TEST_CASE("internal errors show no detail") {
  TestAdmin admin;
  http::Request request;
  request.request_id = "req";
  const auto response =
      admin.api.refuse(request, Error{Code::kInternal, "secret", {{"file", "/secret"}}, {}});
  CHECK(response.status() == 500);
  CHECK(as_text(response.body()).find("secret") == std::string_view::npos);
}

TEST_CASE("a restored node refuses until somebody says that the old one is gone") {
  TestAdmin admin;
  admin.mount.add_role("web");
  CHECK(admin.client.get("restore").text("/state") == "none");
  CHECK(admin.client.post("restore/confirm", R"({"old_node_is_gone":true})").status == 404);
  ca::Restoration restoration;
  restoration.lost_store_id = "store-1";
  record::WriteSet writes;
  writes.put(ca::restoration_key(), ca::encode(restoration));
  REQUIRE(admin.mount.store->committer()
              .submit(std::move(writes))
              .wait(OnLane::outside_server())
              .has_value());
  const std::string request = R"({"role":"web","common_name":"a.test","server_key":true})";
  const auto refused = admin.issue(request);
  CHECK(refused.status == 503);
  CHECK(refused.text("/detail").find("chancery restore confirm") != std::string::npos);
  CHECK(admin.client.get("restore").text("/state") == "unconfirmed");
  for (const char* wrong :
       {"{}", R"({"old_node_is_gone":false})", R"({"old_node_is_gone":1,"x":2})"})
    CHECK(admin.client.post("restore/confirm", wrong).status == 400);
  const auto confirmed = admin.client.post("restore/confirm", R"({"old_node_is_gone":true})");
  CHECK(confirmed.status == 200);
  CHECK(confirmed.text("/state") == "confirmed");
  check_schema(confirmed, "Restore");
  CHECK(admin.issue(request).status == 201);
}

TEST_CASE("a backup says what it wants to know") {
  TestAdmin admin;
  CHECK(admin.client.get("backup?after=-1").status == 400);
  CHECK(admin.client.get("backup?after=5").status == 400);  // of which store?
  CHECK(admin.client.get("backup?later=5").status == 400);
  CHECK(admin.client.get("backup").status == 422);  // none are made here
}

TEST_CASE("a mount is named in one way only, so that a right for another does not fit it") {
  TestAdmin admin;
  admin.client.token = make_token(admin, "sys/mounts/*", R"("delete", "update", "sudo")");
  for (const char* path : {"/pki", "pki//", "//pki/"}) {
    const auto answer =
        admin.client.post("mounts/disable", R"({"path":")" + std::string(path) + "\"}");
    CAPTURE(path);
    CHECK(answer.status == 400);
  }
  // What lies under a mount is not the mount.
  CHECK(admin.client.post("mounts/tune", R"({"path":"pki/x","description":"y"})").status == 404);
}

TEST_CASE("revoking all certificates of a key needs the right to block the key") {
  TestAdmin admin;
  const std::string body =
      R"({"reason":"keyCompromise","spki_sha256":")" + std::string(64, 'a') + "\"";
  admin.client.token = make_token(admin, "pki/revoke", R"("update")");
  CHECK(admin.client.post("revocations", body + "}").status == 403);
  CHECK(admin.client.post("revocations", body + R"(,"dry_run":true})").status == 202);
  admin.client.token = make_token(admin, "pki/*", R"("update")");
  CHECK(admin.client.post("revocations", body + "}").status == 202);
  admin.mount.service->mass_revocation().wait();
}

}  // namespace
}  // namespace chancery::admin
