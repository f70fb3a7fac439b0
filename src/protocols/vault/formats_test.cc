#include <doctest/doctest.h>

#include "containers/jks.h"
#include "containers/pkcs12.h"
#include "protocols/vault/test_vault.h"

namespace chancery::vault {
namespace {

struct Made {
  json::Answer answer;
  Bytes file;
};

Made make(TestVault& vault, boost::json::object fields, const std::string& path = "issue") {
  fields["common_name"] = "www.example.test";
  Made made{vault.client.post("pki/" + path + "/web", boost::json::serialize(fields)), {}};
  REQUIRE(made.answer.status == 200);
  made.file = parse_base64(made.answer.text("/data/certificate")).value();
  CHECK_FALSE(made.answer.at("/data").as_object().contains("private_key"));
  CHECK_FALSE(made.answer.at("/data").as_object().contains("ca_chain"));
  CHECK(made.answer.at("/data/expiration").is_int64());
  return made;
}

std::string refused(TestVault& vault, boost::json::object fields) {
  fields["common_name"] = "www.example.test";
  const auto answer = vault.client.post("pki/issue/web", boost::json::serialize(fields));
  CHECK(answer.status == 400);
  return answer.text("/errors/0");
}

TEST_CASE("a new key and certificate as PKCS#12") {
  TestVault vault;
  vault.mount.add_role("web");
  for (const char* encoder : {"", "modern2026", "modern2023"}) {
    boost::json::object fields{{"format", "pkcs12_bundle"}, {"pkcs12_password", "secret"}};
    if (*encoder != '\0') fields["pkcs12_encoder"] = encoder;
    const Made made = make(vault, fields);
    const auto content = containers::read_pkcs12(made.file, "secret").value();
    REQUIRE(content.keys.size() == 1);
    REQUIRE(content.certificates.size() == 3);  // with the issuing authority and the root
    const auto& leaf = content.certificates.front();
    CHECK(equal(content.keys.front().key.public_key().spki(), leaf.certificate.spki()));
    CHECK(equal(content.keys.front().local_key_id, leaf.local_key_id));
    CHECK(content.has_mac);
    CHECK(containers::read_pkcs12(made.file, "wrong").error().code == Code::kRefused);
  }
  const Made known = make(vault, {{"format", "pkcs12_bundle"}, {"remove_roots_from_chain", true}});
  CHECK(containers::read_pkcs12(known.file, "changeit").value().certificates.size() == 2);
  const Made empty = make(vault, {{"format", "pkcs12_bundle"}, {"pkcs12_password", ""}});
  CHECK(containers::read_pkcs12(empty.file, "").value().keys.size() == 1);
  CHECK(refused(vault, {{"format", "pkcs12_bundle"}, {"pkcs12_encoder", "modern2020"}})
            .find("pkcs12_encoder") != std::string::npos);
}

TEST_CASE("a new key and certificate as JKS") {
  TestVault vault;
  vault.mount.add_role("web");
  const Made made = make(vault, {{"format", "jks_bundle"}});
  const auto content = containers::read_jks(made.file, "changeit").value();
  REQUIRE(content.keys.size() == 1);
  CHECK(content.keys.front().alias == "1");
  CHECK(content.keys.front().chain.size() == 3);
  const Made named = make(
      vault,
      {{"format", "jks_bundle"}, {"jks_password", "secret"}, {"jks_private_key_alias", "app"}});
  CHECK(containers::read_jks(named.file, "secret").value().keys.front().alias == "app");
  const std::size_t stored =
      vault.client.send("LIST", "pki/certs").at("/data/keys").as_array().size();
  CHECK(refused(vault, {{"format", "jks_bundle"}, {"jks_password", ""}}) ==
        "a JKS needs a password");
  CHECK(refused(vault, {{"format", "jks_bundle"}, {"jks_private_key_alias", ""}})
            .find("plain ASCII") != std::string::npos);
  CHECK(refused(vault, {{"format", "jks_bundle"}, {"jks_password", std::string(257, 'x')}})
            .find("too long") != std::string::npos);
  // Nothing was issued that nobody got.
  CHECK(vault.client.send("LIST", "pki/certs").at("/data/keys").as_array().size() == stored);
}

TEST_CASE("a signed certificate as trust store") {
  TestVault vault;
  vault.mount.add_role("web");
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const std::string csr = enrol::TestMount::make_csr("www.example.test", key);
  const Made pkcs12 = make(vault, {{"csr", csr}, {"format", "pkcs12_bundle"}}, "sign");
  const auto content = containers::read_pkcs12(pkcs12.file, "changeit").value();
  CHECK(content.keys.empty());
  REQUIRE(content.certificates.size() == 3);
  CHECK(content.certificates.front().trusted);
  CHECK(equal(content.certificates.front().certificate.spki(), key.public_key().spki()));
  const Made jks = make(vault, {{"csr", csr}, {"format", "jks_bundle"}}, "sign");
  const auto trusted = containers::read_jks(jks.file, "changeit").value().trusted;
  REQUIRE(trusted.size() == 3);
  CHECK(trusted.at(2).alias == "3");
}

}  // namespace
}  // namespace chancery::vault
