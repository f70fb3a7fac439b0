#include <doctest/doctest.h>

#include "enrol/test_mount.h"
#include "protocols/admin/admin_api.h"
#include "protocols/json/test_client.h"

// ACME directories through the admin API.

namespace chancery::admin {
namespace {

class NobodyLooks final : public validation::Validator {
 public:
  validation::Outcome validate(const validation::Attempt&, const OnLane&) override { return {}; }
  validation::Outcome check_caa(const validation::CaaQuestion&, const OnLane&) override {
    return {};
  }
};

class NoRoom final : public acme::Background {
 public:
  bool submit(Place, std::string_view, Work, std::function<void()>) override { return false; }
};

struct TestAdmin {
  TestAdmin()
      : core({*mount.store, *mount.service, *mount.enrolment, mount.methods->mounts, validator,
              background, mount.clock, mount.random, metrics, mount.log}),
        api({*mount.service, *mount.enrolment, *mount.tokens, mount.clock, mount.log,
             *mount.methods, *mount.policies, &core},
            {}),
        client(api, "/api/v1/") {
    client.token = mount.token;
    mount.add_role("web");
  }

  enrol::TestMount mount;
  NobodyLooks validator;
  NoRoom background;
  Metrics metrics;
  acme::Acme core;
  AdminApi api;
  json::TestClient client;
};

constexpr std::string_view kDirectory = "acme-directories/default";
constexpr std::string_view kFields =
    R"({"profiles":{"standard":"role/web","other":"role/web"},"profile_descriptions":{"other":"x"},)"
    R"("challenges":["dns-01"],"reuse":"2h","most_names":5})";

TEST_CASE("ACME directories are written, read, listed and deleted") {
  TestAdmin admin;
  CHECK(admin.client.get(kDirectory).status == 404);
  const auto preview = admin.client.send("PUT", std::string(kDirectory) + "?dry_run=true", kFields);
  CHECK(preview.status == 200);
  CHECK(admin.client.get(kDirectory).status == 404);
  const auto made = admin.client.send("PUT", kDirectory, kFields);
  CHECK(made.status == 200);
  CHECK(made.text("/profiles/standard") == "role/web");
  CHECK(made.text("/profile_descriptions/other") == "x");
  CHECK(made.text("/reuse") == "7200");
  CHECK(made.text("/pre_authorization") == "true");
  CHECK(admin.client.get(kDirectory).body == made.body);
  CHECK(admin.client.get("acme-directories").text("/acme-directories/0/name") == "default");
  admin.client.headers = {{"If-None-Match", "*"}};
  CHECK(admin.client.send("PUT", kDirectory, kFields).status == 409);
  admin.client.headers.clear();
  CHECK(admin.client.send("DELETE", kDirectory).status == 204);
  CHECK(admin.client.get(kDirectory).status == 404);
}

TEST_CASE("settings of ACME directories that make no sense are refused with the field") {
  TestAdmin admin;
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "profiles"},
      {R"({"profiles":{"a":"web"}})", "profiles"},
      {R"({"profiles":{"a b":"role/web"}})", "profiles"},
      {R"({"profiles":{"a":"role/web"},"challenges":["http-02"]})", "challenges"},
      {R"({"profiles":{"a":"role/web"},"challenges":[]})", "challenges"},
      {R"({"profiles":{"a":"role/web"},"mount":"nowhere"})", "mount"},
      {R"({"profiles":{"a":"role/web"},"skip_challenges":true})", "skip_challenges"},
      {R"({"profiles":{"a":"role/web"},"caa":true})", "caa_identities"},
      {R"({"profiles":{"a":"role/web"},"caa_identities":["CA.Example"]})", "caa_identities"},
      {R"({"profiles":{"a":"role/web"},"terms_of_service":"none"})", "terms_of_service"},
      {R"({"profiles":{"a":"role/web"},"hosts":["a/b"]})", "hosts"},
      {R"({"profiles":{"a":"role/web"},"most_names":0})", "most_names"},
      {R"({"profiles":{"a":"role/web"},"attempts":21})", "attempts"},
      {R"({"profiles":{"a":"role/web"},"reuse":1})", "reuse"},
      {R"({"profiles":{"a":"role/web"},"chalenges":[]})", "chalenges"},
      {R"({"profiles":{"a":"role/web"},"profile_descriptions":{"b":"x"}})", "profile_descriptions"},
  };
  for (const auto& [body, field] : cases) {
    INFO(body);
    const auto refused = admin.client.send("PUT", kDirectory, body);
    CHECK(refused.status == 400);
    CHECK(refused.text("/field") == field);
  }
}

TEST_CASE("external account bindings show their key once") {
  TestAdmin admin;
  REQUIRE(admin.client.send("PUT", kDirectory, kFields).status == 200);
  const std::string eabs = std::string(kDirectory) + "/eabs";
  const auto made = admin.client.post(
      eabs, R"({"suffixes":["a.example"],"profiles":["other"],"lifetime":"1h","description":"x"})");
  CHECK(made.status == 201);
  CHECK(parse_base64(made.text("/hmac_key"), Base64::kUrl).value().size() == 64);
  const auto listed = admin.client.get(eabs);
  CHECK(listed.text("/eabs/0/kid") == made.text("/kid"));
  CHECK_FALSE(listed.body.contains("hmac_key"));
  CHECK(admin.client.post(eabs, R"({"suffixes":["*.a"]})").text("/field") == "suffixes");
  CHECK(admin.client.post(eabs, R"({"networks":["a"]})").text("/field") == "networks");
  CHECK(admin.client.post(eabs, R"({"profiles":["none"]})").text("/field") == "profiles");
  CHECK(admin.client.send("DELETE", eabs + "/" + made.text("/kid")).status == 204);
  CHECK(admin.client.get(eabs).text("/eabs/0/revoked") == "true");
  CHECK(admin.client.send("DELETE", eabs + "/nobody").status == 404);
  for (const char* list : {"accounts", "orders", "failures", "renewals"})
    CHECK(admin.client.get(std::string(kDirectory) + "/" + list).status == 200);
  CHECK(admin.client.get("acme-directories/none/orders").status == 404);
}

TEST_CASE("windows of renewal") {
  TestAdmin admin;
  REQUIRE(admin.client.send("PUT", kDirectory, kFields).status == 200);
  const std::string window = std::string(kDirectory) + "/renewals/soon";
  CHECK(admin.client.send("PUT", window, R"({"suffix":"a.example"})").status == 200);
  CHECK(admin.client.get(std::string(kDirectory) + "/renewals").text("/renewals/0/suffix") ==
        "a.example");
  CHECK(admin.client
            .send("PUT", window, R"({"start":"2026-12-02T00:00:00Z","end":"2026-12-01T00:00:00Z"})")
            .text("/field") == "end");
  CHECK(admin.client.send("DELETE", window).status == 204);
  CHECK(admin.client.send("DELETE", window).status == 404);
}

TEST_CASE("nobody without a token sees ACME's rows") {
  TestAdmin admin;
  admin.client.token = "wrong";
  for (const char* path : {"acme-directories", "acme-directories/default",
                           "acme-directories/default/eabs", "acme-directories/default/orders"})
    CHECK(admin.client.get(path).status == 401);
}

}  // namespace
}  // namespace chancery::admin
