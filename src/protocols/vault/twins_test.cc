#include <doctest/doctest.h>

#include "protocols/vault/test_vault.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

// Issuers of one name and key, as clients make them by cross-signing.
namespace chancery::vault {
namespace {

std::string in_quotes(const std::string& text) {
  return boost::json::serialize(boost::json::value(boost::json::string(text)));
}

struct CrossSigned : TestVault {
  CrossSigned() {
    mount.add_role("web");
    make_root("old");
    make_root("new");
    const auto request = client.post("pki/intermediate/cross-sign",
                                     R"({"common_name":"Root new","key_ref":"key-new"})");
    const auto crossed = client.post(
        "pki/issuer/old/sign-intermediate",
        R"({"common_name":"Root new","csr":)" + in_quotes(request.text("/data/csr")) + "}");
    REQUIRE(crossed.status == 200);
    certificate = crossed.text("/data/certificate");
    twin = import();
  }

  void make_root(const std::string& name) {
    REQUIRE(client
                .post("pki/root/generate/internal",
                      R"({"common_name":"Root )" + name + R"(","issuer_name":")" + name +
                          R"(","key_type":"ec","key_name":"key-)" + name + "\"}")
                .status == 200);
  }
  // import returns the id of the issuer.
  std::string import() {
    const auto set = client.post("pki/intermediate/set-signed",
                                 R"({"certificate":)" + in_quotes(certificate) + "}");
    REQUIRE(set.status == 200);
    return set.text("/data/imported_issuers/0");
  }
  std::string issue(const std::string& issuer) {
    const auto made = client.post("pki/issuer/" + issuer + "/issue/web",
                                  R"({"common_name":"www.example.test","ttl":"1h"})");
    REQUIRE(made.status == 200);
    return made.text("/data/serial_number");
  }
  void revoke(const std::string& serial) {
    CHECK(client.post("pki/revoke", R"({"serial_number":")" + serial + "\"}").status == 200);
  }
  std::string crl(const std::string& issuer, const std::string& form = "/crl/der") {
    const auto answer = anonymous("GET", "pki/issuer/" + issuer + form);
    REQUIRE(answer.status == 200);
    return answer.body;
  }
  bool lists(const std::string& issuer, const std::string& serial) {
    const Bytes der = to_bytes(crl(issuer));
    const auto list = x509::CertificateList::parse(BytesView(der)).value();
    return list.find(parse_hex(serial, true).value()).has_value();
  }
  x509::CertStatus ocsp(const std::string& issuer, const std::string& serial) {
    const auto authority = mount.service->authority(mount.scope, issuer).value();
    const Bytes id =
        x509::encode_cert_id(crypto::DigestAlgorithm::kSha256, authority->certificate().subject(),
                             authority->public_key(), parse_hex(serial, true).value());
    const Bytes request = x509::encode_ocsp_request(std::span(&id, 1), {});
    const auto answer = anonymous("POST", "pki/ocsp", as_text(request));
    REQUIRE(answer.status == 200);
    return x509::OcspResponse::parse(to_bytes(answer.body)).value().entries.at(0).status;
  }

  std::string certificate;  // of the twin
  std::string twin;
};

TEST_CASE("a cross-signed issuer and the first one have one CRL and one OCSP") {
  CrossSigned vault;
  const std::string by_first = vault.issue("new");
  const std::string by_twin = vault.issue(vault.twin);
  CHECK(vault.ocsp("new", by_twin) == x509::CertStatus::kGood);
  vault.revoke(by_first);
  vault.revoke(by_twin);
  for (const std::string& issuer : {std::string("new"), vault.twin}) {
    CAPTURE(issuer);
    for (const std::string& serial : {by_first, by_twin}) {
      CHECK(vault.lists(issuer, serial));
      CHECK(vault.ocsp(issuer, serial) == x509::CertStatus::kRevoked);
    }
  }
  for (const char* form : {"/crl/der", "/crl/pem", "/crl/delta/der"})
    CHECK(vault.crl("new", form) == vault.crl(vault.twin, form));
  CHECK_FALSE(vault.lists("old", by_twin));

  // Revoked at its issuer it still publishes; deleted it leaves everything to the other.
  REQUIRE(vault.client.post("pki/issuer/" + vault.twin + "/revoke", "{}").status == 200);
  CHECK(vault.lists(vault.twin, by_twin));
  const std::string later = vault.issue("new");
  REQUIRE(vault.client.send("DELETE", "pki/issuer/new").status == 200);
  CHECK(vault.lists(vault.twin, by_first));
  vault.revoke(later);
  CHECK(vault.lists(vault.twin, later));
  CHECK(vault.ocsp(vault.twin, later) == x509::CertStatus::kRevoked);
  const auto read = vault.client.get("pki/cert/" + later);
  CHECK(read.at("/data/revocation_time").as_int64() == to_unix(vault.mount.clock.now()));

  // Deleted too and imported again, it goes on where it was.
  REQUIRE(vault.client.send("DELETE", "pki/issuer/" + vault.twin).status == 200);
  const std::string again = vault.import();
  CHECK(again != vault.twin);
  for (const std::string& serial : {by_first, by_twin, later}) CHECK(vault.lists(again, serial));
}

TEST_CASE("an issuer that was revoked at twins stands once on their CRL") {
  CrossSigned vault;
  const auto request = vault.client.post("pki/intermediate/generate/internal",
                                         R"({"common_name":"Below","key_type":"ec"})");
  const auto made = vault.client.post(
      "pki/issuer/new/sign-intermediate",
      R"({"common_name":"Below","csr":)" + in_quotes(request.text("/data/csr")) + "}");
  const auto set =
      vault.client.post("pki/intermediate/set-signed",
                        R"({"certificate":)" + in_quotes(made.text("/data/certificate")) + "}");
  const std::string below = set.text("/data/imported_issuers/0");
  REQUIRE(vault.client.post("pki/issuer/" + below + "/revoke", "{}").status == 200);
  const Bytes der = to_bytes(vault.crl(vault.twin));
  const auto list = x509::CertificateList::parse(BytesView(der)).value();
  CHECK(list.entry_count() == 1);
  const auto certificate = x509::Certificate::from_pem(made.text("/data/certificate")).value();
  CHECK(list.find(certificate.serial()).has_value());
}

}  // namespace
}  // namespace chancery::vault
