#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "asn1/pem.h"
#include "protocols/vault/test_vault.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

namespace chancery::vault {
namespace {

// Names for what the tests do again and again.
struct Issued {
  std::string serial;
  x509::Certificate certificate;
  x509::Certificate issuer;
};

Issued issue(TestVault& vault, const std::string& name = "a.example.com") {
  const auto answer =
      vault.client.post("pki/issue/web", R"({"common_name":")" + name + R"(","ttl":"1h"})");
  REQUIRE(answer.status == 200);
  return {answer.text("/data/serial_number"),
          x509::Certificate::from_pem(answer.text("/data/certificate")).value(),
          x509::Certificate::from_pem(answer.text("/data/issuing_ca")).value()};
}

std::string ocsp_request(const Issued& issued) {
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, issued.issuer.subject(),
                           issued.issuer.public_key().value(), issued.certificate.serial());
  return std::string(as_text(x509::encode_ocsp_request({&id, 1}, {})));
}

x509::CertStatus status_of(const json::Answer& answer, const Issued& issued) {
  CHECK(answer.status == 200);
  CHECK(answer.type == "application/ocsp-response");
  auto response = x509::OcspResponse::parse(to_bytes(answer.body));
  REQUIRE(response.has_value());
  CHECK(response->verify_signature(issued.issuer.public_key().value()).has_value());
  REQUIRE(response->entries.size() == 1);
  return response->entries.front().status;
}

bool crl_has(const json::Answer& answer, BytesView serial) {
  CHECK(answer.status == 200);
  CHECK(answer.type == "application/pkix-crl");
  const auto crl = x509::CertificateList::parse(to_bytes(answer.body));
  REQUIRE(crl.has_value());
  return crl->find(serial).has_value();
}

TEST_CASE("issue, read, list, revoke, and every status follows") {
  TestVault vault;
  vault.mount.add_role("web");
  CHECK(vault.client.send("LIST", "pki/certs").status == 404);
  const Issued issued = issue(vault);
  const std::string path = "pki/cert/" + issued.serial;

  auto read = vault.anonymous("GET", path);
  CHECK(read.status == 200);
  CHECK(x509::Certificate::from_pem(read.text("/data/certificate")).value() == issued.certificate);
  CHECK(read.at("/data/revocation_time").as_int64() == 0);
  CHECK(read.text("/data/revocation_time_rfc3339").empty());
  std::string upper = issued.serial;
  std::ranges::replace(upper, ':', '-');
  CHECK(vault.client.get("pki/cert/" + upper).status == 200);
  CHECK(vault.anonymous("GET", path + "/raw").body == as_text(issued.certificate.der()));
  CHECK(vault.anonymous("GET", path + "/raw").type == "application/pkix-cert");
  CHECK(vault.anonymous("GET", path + "/raw/pem").body + "\n" == issued.certificate.to_pem());
  CHECK(vault.anonymous("GET", path + "/raw/pem").type == "application/pem-certificate-chain");

  const auto list = vault.client.get("pki/certs?list=true");
  CHECK(list.lanes == std::vector{http::Lane::kSearch});
  CHECK(list.text("/data/keys/0") == issued.serial);

  CHECK(status_of(vault.anonymous("POST", "pki/ocsp", ocsp_request(issued)), issued) ==
        x509::CertStatus::kGood);
  CHECK_FALSE(crl_has(vault.anonymous("GET", "pki/crl"), issued.certificate.serial()));

  const std::string body = R"({"serial_number":")" + issued.serial + "\"}";
  const auto revoked = vault.client.send("PUT", "pki/revoke/", body);
  CHECK(revoked.status == 200);
  CHECK(revoked.text("/data/state") == "revoked");
  const auto at = revoked.at("/data/revocation_time").as_int64();
  CHECK(at == to_unix(vault.mount.clock.now()));
  CHECK(revoked.text("/data/revocation_time_rfc3339") == rfc3339(from_unix(at)));

  vault.mount.clock.advance(seconds{5});
  const auto again = vault.client.post("pki/revoke", body);
  CHECK(again.status == 200);
  CHECK(again.at("/data/revocation_time").as_int64() == at);

  read = vault.anonymous("GET", path);
  CHECK(read.at("/data/revocation_time").as_int64() == at);
  CHECK(status_of(vault.anonymous("POST", "pki/ocsp", ocsp_request(issued)), issued) ==
        x509::CertStatus::kRevoked);
  CHECK(status_of(vault.anonymous("GET", "pki/ocsp/" + base64(as_bytes(ocsp_request(issued)))),
                  issued) == x509::CertStatus::kRevoked);
  const auto crl = vault.anonymous("GET", "pki/crl");
  CHECK(crl.lanes == std::vector{http::Lane::kCpu});
  CHECK(crl_has(crl, issued.certificate.serial()));
  CHECK(vault.anonymous("GET", "pki/crl").lanes.empty());
}

TEST_CASE("an OCSP request by GET may be encoded, and may have slashes anywhere") {
  TestVault vault;
  vault.mount.add_role("web");
  const Issued issued = issue(vault);
  std::string encoded;
  for (const char c : base64(as_bytes(ocsp_request(issued)))) {
    encoded += c == '/' ? "%2F" : c == '+' ? "%2b" : c == '=' ? "%3D" : std::string(1, c);
  }
  CHECK(status_of(vault.anonymous("GET", "pki/ocsp/" + encoded), issued) ==
        x509::CertStatus::kGood);
}

TEST_CASE("every OCSP request by GET arrives, whatever its base64 looks like") {
  TestVault vault;
  vault.mount.add_role("web");
  const Issued issued = issue(vault);
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, issued.issuer.subject(),
                           issued.issuer.public_key().value(), issued.certificate.serial());
  // Nonces of 0xff make slashes: also two in a row, and at the very end.
  bool ended_in_slash = false;
  for (std::size_t size = 1; size <= 32; ++size) {
    const Bytes nonce(size, 0xff);
    const std::string text = base64(x509::encode_ocsp_request({&id, 1}, nonce));
    ended_in_slash = ended_in_slash || text.ends_with('/');
    CHECK(status_of(vault.anonymous("GET", "pki/ocsp/" + text), issued) == x509::CertStatus::kGood);
  }
  CHECK(ended_in_slash);
}

TEST_CASE("malformed OCSP requests are answered in OCSP's own form") {
  TestVault vault;
  for (const auto& answer :
       {vault.anonymous("POST", "pki/ocsp", "xx"), vault.anonymous("POST", "pki/ocsp"),
        vault.anonymous("GET", "pki/ocsp/abcd"), vault.anonymous("GET", "pki/ocsp/%zz")}) {
    CHECK(answer.status == 400);
    CHECK(answer.type == "application/ocsp-response");
    CHECK(x509::OcspResponse::parse(to_bytes(answer.body)).value().status ==
          x509::OcspStatus::kMalformedRequest);
  }
}

TEST_CASE("a slow authority answers OCSP on the cpu lane") {
  TestVault vault(Surface::kFull, {crypto::KeyAlgorithm::kMlDsa65, 0});
  vault.mount.add_role("web");
  const bool slow = (*vault.mount.service->authority(vault.mount.scope, "default"))->slow();
  const Issued issued = issue(vault);
  const auto answer = vault.anonymous("POST", "pki/ocsp", ocsp_request(issued));
  CHECK(status_of(answer, issued) == x509::CertStatus::kGood);
  CHECK(answer.lanes.empty() == !slow);
}

TEST_CASE("revoke refuses in Vault's words") {
  TestVault vault;
  vault.mount.add_role("web");
  const Issued issued = issue(vault);
  const auto text = [&](const std::string& body, unsigned status = 400) {
    const auto answer = vault.client.post("pki/revoke", body);
    CHECK(answer.status == status);
    return answer.text("/errors/0");
  };
  CHECK(text("{}") == "The serial number or certificate to revoke must be provided.");
  CHECK(text(R"({"serial_number":"aa:bb"})") == "certificate with serial aa:bb not found.");
  CHECK(text(R"({"serial_number":"zz"})") == "certificate with serial zz not found.");
  CHECK(text(R"({"serial_number":"1","certificate":"x"})") ==
        "Must provide either the certificate or the serial to revoke; not both.");
  CHECK(text(R"({"certificate":"x"})") ==
        "1 error occurred:\n\t* provided certificate data was too short; perhaps a path was passed "
        "to "
        "the API rather than the contents of a PEM file\n\n");
  CHECK(text(R"({"certificate":")" + std::string(100, 'x') + "\"}") ==
        "1 error occurred:\n\t* certificate contains no PEM data\n\n");
  CHECK(text(R"({"serial_number":{}})").starts_with("Field validation failed"));
  const std::string own = hex(issued.issuer.serial(), ':');
  CHECK(text(R"({"serial_number":")" + own + "\"}") ==
        "adding issuer (id: " + vault.mount.issuing_id + ") to its own CRL is not allowed");

  vault.mount.clock.advance(seconds{7200});
  const auto expired =
      vault.client.post("pki/revoke", R"({"serial_number":")" + issued.serial + "\"}");
  CHECK(expired.status == 200);
  CHECK(expired.at("/data").is_null());
  CHECK(expired.text("/warnings/0").find("already expired") != std::string::npos);
}

TEST_CASE("revoke takes a certificate that was issued here") {
  TestVault vault;
  vault.mount.add_role("web");
  const Issued issued = issue(vault);
  const auto body = [](const std::string& pem) {
    return boost::json::serialize(boost::json::object{{"certificate", pem}});
  };
  const auto foreign =
      vault.client.post("pki/revoke", body(vault.mount.root.issue("x.test").certificate.to_pem()));
  CHECK(foreign.status == 400);
  CHECK(foreign.text("/errors/0").find("unable to verify signature on presented cert") !=
        std::string::npos);
  CHECK(vault.client.post("pki/revoke", body(issued.certificate.to_pem())).text("/data/state") ==
        "revoked");
}

TEST_CASE("reads of what is not there are exactly what Vault's clients expect") {
  TestVault vault;
  for (const char* path : {"pki/roles/none", "pki/cert/11:22"}) {
    const auto answer = vault.client.get(path);
    CHECK(answer.status == 404);
    CHECK(answer.body == "{\"errors\":[]}\n");
  }
  CHECK(vault.client.send("LIST", "pki/roles").body == "{\"errors\":[]}\n");
  CHECK(vault.client.get("pki/cert/11:22/raw").status == 204);
  const auto issuer = vault.client.get("pki/issuer/nobody/pem");
  CHECK(issuer.status == 404);
  CHECK(issuer.text("/errors/0") == "unable to find PKI issuer for reference: nobody");
}

TEST_CASE("certificates are listed in pages") {
  TestVault vault;
  vault.mount.add_role("web");
  std::set<std::string> serials;
  for (int i = 0; i < 5; ++i) serials.insert(issue(vault).serial);
  std::set<std::string> seen;
  std::string after;
  for (int page = 0; page < 3; ++page) {
    const auto answer = vault.client.get("pki/certs?list=true&limit=2&after=" + after);
    REQUIRE(answer.status == 200);
    const boost::json::value keys = answer.at("/data/keys");
    for (const auto& key : keys.as_array()) {
      after = std::string(key.as_string());
      CHECK(seen.insert(after).second);
    }
  }
  CHECK(seen == serials);
  CHECK(vault.client.get("pki/certs?list=true&after=" + after).status == 404);
  CHECK(vault.client.get("pki/certs?list=true&after=zz").status == 404);
  CHECK(vault.client.get("pki/certs?list=true&limit=x").status == 400);
  CHECK(vault.client.get("pki/certs?list=true&limit=-1").at("/data/keys").as_array().size() == 5);
}

TEST_CASE("no_store keeps the record and not the certificate") {
  TestVault vault;
  vault.mount.add_role("web", [](policy::Role& role) { role.no_store = true; });
  const Issued issued = issue(vault);
  CHECK(vault.client.get("pki/cert/" + issued.serial).status == 404);
}

}  // namespace
}  // namespace chancery::vault
