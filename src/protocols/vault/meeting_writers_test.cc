#include <doctest/doctest.h>

#include "protocols/vault/test_vault.h"

namespace chancery::vault {
namespace {

// Two is a resource that two clients change at the same time, each another field of it.
struct Two {
  std::string path;
  std::string method;
  record::StateKind kind;
  std::string row;
  std::string first;
  std::string second;
  std::string pointer;  // to what the second one sets
  std::string wanted;
};

const Two kTwo[] = {
    {"pki/config/crl", "POST", record::StateKind::kSettings, "crl", R"({"expiry":"3d"})",
     R"({"ocsp_expiry":"1h"})", "/data/ocsp_expiry", "1h"},
    {"pki/config/auto-tidy", "POST", record::StateKind::kSettings, "auto-tidy",
     R"({"interval_duration":60})", R"({"page_size":77})", "/data/page_size", "77"},
    {"pki/config/urls", "POST", record::StateKind::kSettings, "urls",
     R"({"ocsp_servers":"http://o.test"})", R"({"issuing_certificates":"http://i.test"})",
     "/data/issuing_certificates/0", "http://i.test"},
    {"pki/config/cluster", "POST", record::StateKind::kSettings, "cluster",
     R"({"path":"https://c.test/v1/pki"})", R"({"aia_path":"http://a.test/v1/pki"})",
     "/data/aia_path", "http://a.test/v1/pki"},
    {"pki/roles/web", "PATCH", record::StateKind::kRole, "web", R"({"max_ttl":"2h"})",
     R"({"ttl":"1h"})", "/data/ttl", "3600"},
    {"auth/cert/config", "POST", record::StateKind::kSettings, "certificate-login",
     R"({"disable_binding":true})", R"({"disable_binding":true})", "/data/disable_binding", "true"},
    {"auth/approle/role/ci", "POST", record::StateKind::kAppRole, "ci", R"({"token_ttl":"1h"})",
     R"({"secret_id_num_uses":7})", "/data/secret_id_num_uses", "7"},
};

TEST_CASE("of two who change one thing at the same time both are heard") {
  for (const Two& two : kTwo) {
    CAPTURE(two.path);
    TestVault vault(Surface::kFull, {crypto::KeyAlgorithm::kEcdsaP256, 0},
                    enrol::TestMount::Distance::kRemote);
    vault.mount.add_role("web");
    vault.client.headers = {{"Content-Type", "application/merge-patch+json"}};
    bool waiting = true;
    vault.mount.remote->after_get = [&](const record::StateKey& key) {
      if (!waiting || key.kind != two.kind || key.id != two.row) return;
      // The first has read; the second comes and is done before the first writes.
      waiting = false;
      CHECK(vault.client.send(two.method, two.path, two.second).status < 300);
    };
    CHECK(vault.client.send(two.method, two.path, two.first).status < 300);
    CHECK_FALSE(waiting);
    const auto now = vault.client.get(two.path);
    CHECK(now.text(two.pointer) == two.wanted);
    const auto alone = vault.client.send(two.method, two.path, two.first);
    CHECK(vault.client.get(two.path).body == now.body);
  }
}

}  // namespace
}  // namespace chancery::vault
