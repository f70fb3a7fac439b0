#include <doctest/doctest.h>

#include "protocols/vault/test_vault.h"
#include "x509/crl.h"

namespace chancery::vault {
namespace {

TEST_CASE("roles: create, read, list, page, replace, delete") {
  TestVault vault;
  const auto created = vault.client.post(
      "pki/roles/web",
      R"({"allowed_domains":"example.com","allow_subdomains":true,"key_type":"ec","max_ttl":"72h","x":1})");
  CHECK(created.status == 200);
  CHECK(created.text("/data/allowed_domains/0") == "example.com");
  CHECK(created.at("/data/max_ttl").as_int64() == 259'200);
  CHECK(created.at("/data/key_bits").as_int64() == 256);
  CHECK(created.text("/warnings/0") == "Endpoint ignored these unrecognized parameters: [x]");
  const auto read = vault.client.get("pki/roles/web");
  CHECK(boost::json::serialize(read.at("/data")) == boost::json::serialize(created.at("/data")));

  CHECK(vault.client.send("PUT", "pki/roles/api", "null").status == 200);
  CHECK(vault.client.send("PUT", "pki/roles/form", "allow_any_name=true&key_type=ec").status ==
        400);
  vault.client.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  CHECK(vault.client.send("PUT", "pki/roles/form", "allow_any_name=true&key_type=ec").status ==
        200);
  CHECK(vault.client.send("PUT", "pki/roles/json", R"({"key_type":"ec"})").status == 200);
  vault.client.headers.clear();

  const auto list = vault.client.send("LIST", "pki/roles/");
  CHECK(boost::json::serialize(list.at("/data/keys")) == R"(["api","form","json","web"])");
  const auto page = vault.client.get("pki/roles?list=true&after=api&limit=2");
  CHECK(boost::json::serialize(page.at("/data/keys")) == R"(["form","json"])");

  CHECK(vault.client.post("pki/roles/web", "{}").at("/data/allowed_domains").as_array().empty());
  const auto deleted = vault.client.send("DELETE", "pki/roles/web");
  CHECK(deleted.status == 204);
  CHECK(deleted.body.empty());
  CHECK(vault.client.send("DELETE", "pki/roles/web").status == 204);
  CHECK(vault.client.get("pki/roles/web").status == 404);
}

TEST_CASE("roles: an issuer that is not there is warned of") {
  TestVault vault;
  const auto answer = vault.client.post("pki/roles/web", R"({"issuer_ref":"later"})");
  CHECK(answer.status == 200);
  CHECK(answer.text("/warnings/0") ==
        "Issuing Certificate was set to later but no issuing certificate currently has that name");
  CHECK(vault.client.post("pki/roles/web", R"({"issuer_ref":"root"})").at("/warnings").is_null());
}

TEST_CASE("roles: bad input names the field") {
  TestVault vault;
  const auto field = [&](const char* body) {
    const auto answer = vault.client.post("pki/roles/bad", body);
    CHECK(answer.status == 400);
    return answer.text("/chancery/field");
  };
  CHECK(field(R"({"allow_any_name":"maybe"})") == "allow_any_name");
  CHECK(field(R"({"ttl":"xyz"})") == "ttl");
  CHECK(field(R"({"key_type":"foo"})") == "key_type");
  CHECK(field(R"({"key_type":"ec","key_bits":1})") == "key_bits");
  CHECK(field(R"({"ttl":"2h","max_ttl":"1h"})") == "ttl");
  CHECK(field(R"({"allowed_domains_template":true})") == "allowed_domains_template");
  CHECK(field(R"({"ttl":1,"ttl":2})") == "ttl");
  CHECK(vault.client.get("pki/roles/bad").status == 404);
}

TEST_CASE("the authorities' certificates in all their forms") {
  TestVault vault;
  const auto authority = vault.mount.service->authority(vault.mount.scope, "default").value();
  const std::string pem = authority->chain_pem().front();
  const std::string chain = pem + "\n" + authority->chain_pem().back();
  const std::string der(as_text(authority->certificate().der()));
  const auto get = [&](const std::string& path, std::string_view type) {
    const auto answer = vault.anonymous("GET", "pki/" + path);
    CHECK(answer.status == 200);
    CHECK(answer.type == type);
    return answer;
  };
  const char* const der_type = "application/pkix-cert";
  const char* const pem_type = "application/pem-certificate-chain";
  CHECK(get("ca", der_type).body == der);
  CHECK(get("ca/pem", pem_type).body == pem);
  CHECK(get("ca_chain", der_type).body == chain);
  CHECK(get("cert/ca/raw", der_type).body == der);
  CHECK(get("cert/ca/raw/pem", pem_type).body == pem);
  CHECK(get("cert/ca", "application/json").text("/data/certificate") == pem);
  CHECK(get("cert/ca_chain", "application/json").text("/data/ca_chain") == chain);
  CHECK(get("cert/ca_chain", "application/json").text("/data/certificate") == chain);
  CHECK(get("issuer/default/der", der_type).body == der);
  CHECK(get("issuer/issuing/der", der_type).body == der);
  CHECK(get("issuer/" + vault.mount.issuing_id + "/pem", pem_type).body == pem + "\n");
  const auto described = get("issuer/default/json", "application/json");
  CHECK(described.text("/data/certificate") == pem + "\n");
  CHECK(described.at("/data/ca_chain").as_array().size() == 2);
  CHECK(described.text("/data/issuer_id") == vault.mount.issuing_id);
  CHECK(described.text("/data/issuer_name") == "issuing");
  CHECK(get("issuer/root/pem", pem_type).body == authority->chain_pem().back() + "\n");
  CHECK(get("cert/" + hex(authority->certificate().serial(), ':'), "application/json")
            .text("/data/certificate") == pem);

  const auto list = vault.anonymous("LIST", "pki/issuers");
  CHECK(list.at("/data/keys").as_array().size() == 2);
  CHECK(list.at("/data/key_info/" + vault.mount.issuing_id + "/is_default").as_bool());
  const auto issuer = vault.client.get("pki/issuer/root");
  CHECK(issuer.text("/data/key_id").empty());
  CHECK(issuer.text("/data/usage") == "read-only");
}

TEST_CASE("CRLs in all their forms, the offline root's as well") {
  TestVault vault;
  const auto der = vault.anonymous("GET", "pki/issuer/default/crl/der");
  CHECK(x509::CertificateList::parse(to_bytes(der.body)).has_value());
  const auto root = vault.anonymous("GET", "pki/issuer/root/crl/der");
  CHECK(root.status == 200);
  CHECK(root.type == "application/pkix-crl");
  CHECK(x509::CertificateList::parse(to_bytes(root.body))
            .value()
            .verify_signature(vault.mount.root.authority->public_key())
            .has_value());
  CHECK(vault.anonymous("GET", "pki/crl").body == der.body);
  CHECK(vault.anonymous("GET", "pki/cert/crl/raw").body == der.body);
  const std::string pem = vault.anonymous("GET", "pki/crl/pem").body;
  CHECK(pem.starts_with("-----BEGIN X509 CRL-----\n"));
  CHECK(pem.ends_with("-----END X509 CRL-----"));
  CHECK(vault.anonymous("GET", "pki/crl/pem").type == "application/x-pem-file");
  CHECK(vault.anonymous("GET", "pki/issuer/default/crl/pem").body == pem + "\n");
  CHECK(vault.anonymous("GET", "pki/issuer/default/crl").text("/data/crl") == pem + "\n");
  CHECK(vault.anonymous("GET", "pki/cert/crl").text("/data/certificate") == pem);
}

TEST_CASE("sys/health, also as probes ask for it") {
  TestVault vault;
  const auto health = vault.anonymous("GET", "sys/health");
  CHECK(health.status == 200);
  CHECK(health.at("/initialized").as_bool());
  CHECK_FALSE(health.at("/sealed").as_bool());
  CHECK(health.text("/replication_dr_mode") == "disabled");
  CHECK(health.text("/version") == "1.13.0");
  CHECK(health.at("/server_time_utc").as_int64() == to_unix(vault.mount.clock.now()));
  CHECK(vault.anonymous("HEAD", "sys/health").status == 200);
  CHECK(vault.anonymous("GET", "sys/health?activecode=299").status == 299);
  CHECK(vault.anonymous("GET", "sys/health?activecode=204").body.empty());
  for (const char* bad : {"abc", "99", "100", "600", "-1", "", "200x"}) {
    CHECK(vault.anonymous("GET", std::string("sys/health?activecode=") + bad).status == 400);
  }
  CHECK(vault.anonymous("GET", "sys/health?standbyok=true").status == 200);
}

TEST_CASE("the reads that clients make before they work") {
  TestVault vault;
  CHECK(vault.anonymous("GET", "sys/seal-status").text("/version") == "1.13.0");
  CHECK_FALSE(vault.anonymous("GET", "sys/seal-status").at("/sealed").as_bool());
  CHECK(vault.anonymous("GET", "sys/leader").body == "{\"ha_enabled\":false}\n");
  CHECK(vault.anonymous("GET", "sys/init").body == "{\"initialized\":true}\n");

  const auto mounts = vault.client.get("sys/mounts");
  CHECK(mounts.at("/pki~1/type").as_string() == "pki");
  CHECK(mounts.at("/data/pki~1/config/max_lease_ttl").as_int64() == 0);
  CHECK(vault.client.get("sys/mounts/pki").text("/type") == "pki");
  CHECK(vault.client.get("sys/mounts/nope").status == 400);
  CHECK(vault.client.get("sys/mounts/pki/tune").at("/default_lease_ttl").as_int64() == 2'764'800);
  CHECK(vault.client.get("sys/internal/ui/mounts/pki/roles/web").text("/data/path") == "pki/");
  CHECK(vault.client.get("sys/internal/ui/mounts/nope").status == 403);

  const auto self = vault.client.get("auth/token/lookup-self");
  CHECK(self.text("/data/id") == vault.mount.token);
  CHECK(self.text("/data/policies/0") == "root");
  CHECK(self.at("/data/expire_time").is_null());
  CHECK(self.at("/data/ttl").as_int64() == 0);
  CHECK(self.text("/data/path") == "auth/token/root");
  CHECK(vault.client.post("auth/token/lookup-self", "{}").status == 200);
}

}  // namespace
}  // namespace chancery::vault
