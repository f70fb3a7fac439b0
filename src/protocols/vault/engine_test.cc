#include <doctest/doctest.h>

#include "asn1/pem.h"
#include "protocols/vault/test_vault.h"
#include "x509/crl.h"
#include "x509/oids.h"
#include "x509/verify.h"

// The engine's issuers and keys, as clients see them.
namespace chancery::vault {
namespace {

using Answer = json::Answer;

std::string in_quotes(const std::string& text) {
  return boost::json::serialize(boost::json::value(boost::json::string(text)));
}

x509::Certificate certificate_of(const Answer& answer) {
  REQUIRE(answer.status == 200);
  auto certificate = x509::Certificate::from_pem(answer.text("/data/certificate"));
  REQUIRE(certificate.has_value());
  return *certificate;
}

std::string first(const Answer& answer, const std::string& list) {
  return answer.text("/data/" + list + "/0");
}

Answer make_root(TestVault& vault, const std::string& name, const std::string& more = "") {
  const Answer answer =
      vault.client.post("pki/issuers/generate/root/internal",
                        R"({"common_name":"Root )" + name + R"(","issuer_name":")" + name +
                            R"(","key_type":"ec","key_name":"key-)" + name + "\"" + more + "}");
  CAPTURE(answer.body);
  REQUIRE(answer.status == 200);
  return answer;
}

// A new issuer below `parent`, from request to import; returns its id.
std::string make_intermediate(TestVault& vault, const std::string& parent,
                              const std::string& name) {
  const Answer request = vault.client.post("pki/intermediate/generate/internal",
                                           R"({"common_name":")" + name + R"(","key_type":"ec"})");
  REQUIRE(request.status == 200);
  const Answer made = vault.client.post(
      "pki/issuer/" + parent + "/sign-intermediate",
      R"({"common_name":")" + name + R"(","csr":)" + in_quotes(request.text("/data/csr")) + "}");
  CAPTURE(made.body);
  REQUIRE(made.status == 200);
  const Answer set =
      vault.client.post("pki/intermediate/set-signed",
                        R"({"certificate":)" + in_quotes(made.text("/data/certificate")) + "}");
  REQUIRE(set.status == 200);
  const std::string id = first(set, "imported_issuers");
  CHECK(set.text("/data/mapping/" + id) == request.text("/data/key_id"));
  return id;
}

TEST_CASE("a generated root is an issuer with a key, and says so") {
  TestVault vault;
  const Answer made = make_root(vault, "two", R"(,"ttl":"700h","max_path_length":1)");
  CHECK(made.lanes == std::vector{http::Lane::kCpu});
  const x509::Certificate root = certificate_of(made);
  CHECK(root.is_ca());
  CHECK(root.subject().to_string() == "CN=Root two");
  CHECK(x509::verify_signed_by(root, root).has_value());
  CHECK(root.extensions().basic_constraints->path_length == 1U);
  CHECK(*root.key_usage() ==
        x509::KeyUsage{x509::KeyUsageBit::kKeyCertSign, x509::KeyUsageBit::kCrlSign});
  CHECK(made.at("/data/expiration").as_int64() == to_unix(root.not_after()));
  CHECK(made.text("/data/key_name") == "key-two");
  CHECK(made.at("/data/private_key").as_string() == "(absent)");

  const Answer read = vault.client.get("pki/issuer/two");
  CHECK(read.text("/data/issuer_id") == made.text("/data/issuer_id"));
  CHECK(read.text("/data/key_id") == made.text("/data/key_id"));
  CHECK(read.text("/data/usage") == "crl-signing,issuing-certificates,ocsp-signing,read-only");
  CHECK(read.text("/data/revocation_signature_algorithm") == "ECDSAWithSHA256");
  CHECK(read.at("/data/manual_chain").is_null());
  CHECK_FALSE(read.at("/data/revoked").as_bool());
  const Answer key = vault.client.get("pki/key/key-two");
  CHECK(key.text("/data/key_type") == "ec");
  CHECK(key.text("/data/subject_key_id") == hex(*root.subject_key_id(), ':'));
  // The default stays: there was one.
  CHECK(vault.client.get("pki/config/issuers").text("/data/default") == vault.mount.issuing_id);
}

TEST_CASE("a root's key comes out only when it is asked for") {
  TestVault vault;
  for (const char* type : {"ec", "ed25519", "mldsa", "rsa"}) {
    CAPTURE(type);
    const Answer made =
        vault.client.post("pki/root/generate/exported",
                          std::string(R"({"common_name":"R","key_type":")") + type + "\"}");
    REQUIRE(made.status == 200);
    const auto key = crypto::PrivateKey::from_pem(made.text("/data/private_key"));
    REQUIRE(key.has_value());
    CHECK(equal(key->public_key().spki(), certificate_of(made).spki()));
    CHECK(made.text("/data/private_key_type") == type);
  }
  const Answer der = vault.client.post("pki/root/generate/exported",
                                       R"({"common_name":"R","key_type":"ec","format":"der"})");
  CHECK(x509::Certificate::parse(parse_base64(der.text("/data/certificate")).value()).has_value());
  const Answer bundle = vault.client.post(
      "pki/root/generate/exported", R"({"common_name":"R","key_type":"ec","format":"pem_bundle"})");
  CHECK(asn1::parse_pem(bundle.text("/data/certificate")).value().size() == 2);
}

TEST_CASE("names of issuers and keys are theirs alone") {
  TestVault vault;
  make_root(vault, "two");
  const auto refused = [&](const std::string& fields) {
    const Answer answer = vault.client.post(
        "pki/root/generate/internal", R"({"common_name":"x","key_type":"ec",)" + fields + "}");
    CHECK(answer.status == 400);
    return answer.text("/errors/0");
  };
  CHECK(refused(R"("issuer_name":"two")") == "issuer name already in use");
  CHECK(refused(R"("issuer_name":"default")") ==
        "reserved keyword 'default' can not be used as issuer name");
  CHECK(refused(R"("issuer_name":"a b")") == "issuer name contained invalid characters");
  CHECK(refused(R"("key_name":"key-two")") == "key name already in use");
  CHECK(refused(R"("key_name":"default")") ==
        "reserved keyword 'default' can not be used as key name");
  // Nothing of what was refused is there.
  CHECK(vault.client.send("LIST", "pki/issuers").at("/data/keys").as_array().size() == 3);
  CHECK(vault.client.send("LIST", "pki/keys").at("/data/keys").as_array().size() == 2);
}

TEST_CASE("bad requests for roots are refused in Vault's words") {
  TestVault vault;
  const auto refused = [&](const std::string& path, const std::string& body) {
    const Answer answer = vault.client.post("pki/" + path, body);
    CHECK(answer.status == 400);
    return answer.text("/errors/0");
  };
  const std::string generate = "root/generate/internal";
  CHECK(refused("root/generate/kms", "{}") ==
        R"(must specify "external_key_ref" on "kms"-typed generation requests)");
  CHECK(refused("root/generate/foo", "{}") ==
        R"(the "exported" path parameter must be "internal", "existing", exported" or "kms")");
  CHECK(refused("root/generate/existing", R"({"common_name":"a","key_ref":"nope"})") ==
        "failed to lookup public key from existing key: unable to find PKI key for reference: "
        "nope");
  CHECK(refused(generate, R"({"common_name":"a","key_type":"zz"})") == "unknown key type zz");
  CHECK(refused(generate, R"({"common_name":"a","key_type":"any"})") == "unknown key type: any");
  CHECK(refused(generate, R"({"common_name":"a","key_type":"ec","key_bits":1})") ==
        "unsupported bit length for EC key: 1");
  CHECK(refused(generate, R"({"common_name":"a","key_type":"ec","format":"zz"})") ==
        R"(the "format" path parameter must be "pem", "der", or "pem_bundle")");
  CHECK(refused(generate, R"({"common_name":"a","key_type":"ec","ip_sans":"zz"})") ==
        R"(the value "zz" is not a valid IP address)");
  CHECK(
      refused(
          generate,
          R"({"common_name":"a","key_type":"ec","ttl":"1h","not_after":"2027-01-01T00:00:00Z"})") ==
      "Either ttl or not_after should be provided. Both should not be provided in the same "
      "request.");
  CHECK(refused(generate, R"({"common_name":"a","key_type":"ec","not_after":"x"})") ==
        R"(parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006")");
  CHECK(refused("root/generate/existing", R"({"common_name":"a","key_type":"ec"})") ==
        "invalid parameter for the kms/existing path parameter, key_type nor key_bits arguments "
        "can be set in this mode");
  CHECK(refused(generate, R"({"key_type":"ec"})").find("a CA needs a subject") == 0);
}

TEST_CASE("an intermediate from request to issuance, with the whole chain") {
  TestVault vault;
  make_root(vault, "two", R"(,"ttl":"760h")");
  const std::string id = make_intermediate(vault, "two", "Below two");
  vault.mount.add_role("web");
  const Answer leaf = vault.client.post("pki/issuer/" + id + "/issue/web",
                                        R"({"common_name":"a.example.com","ttl":"1h"})");
  REQUIRE(leaf.status == 200);
  const auto chain = leaf.at("/data/ca_chain").as_array();
  CHECK(chain.size() == 2);
  const auto issuer = x509::Certificate::from_pem(leaf.text("/data/ca_chain/0")).value();
  const auto root = x509::Certificate::from_pem(leaf.text("/data/ca_chain/1")).value();
  CHECK(x509::verify_signed_by(certificate_of(leaf), issuer).has_value());
  CHECK(x509::verify_signed_by(issuer, root).has_value());
  CHECK(root.is_self_issued());
  CHECK(
      vault.anonymous("GET", "pki/issuer/" + id + "/json").at("/data/ca_chain").as_array().size() ==
      2);
}

TEST_CASE("sign-intermediate: path lengths, constraints, times") {
  TestVault vault;
  make_root(vault, "two", R"(,"max_path_length":2,"ttl":"100h")");
  make_root(vault, "last", R"(,"max_path_length":0)");
  const std::string csr =
      vault.client
          .post("pki/intermediate/generate/internal", R"({"common_name":"I","key_type":"ec"})")
          .text("/data/csr");
  const auto sign = [&](const std::string& issuer, const std::string& more) {
    return vault.client.post("pki/issuer/" + issuer + "/sign-intermediate",
                             R"({"common_name":"I","csr":)" + in_quotes(csr) + more + "}");
  };
  const Answer plain = sign("two", "");
  const x509::Certificate below = certificate_of(plain);
  CHECK(below.extensions().basic_constraints->path_length == 1U);
  // It does not outlive its issuer.
  const auto root = x509::Certificate::from_pem(plain.text("/data/issuing_ca")).value();
  CHECK(below.not_after() == root.not_after());
  CHECK(plain.text("/data/ca_chain/0") == plain.text("/data/certificate"));
  CHECK(plain.at("/data/ca_chain").as_array().size() == 2);

  CHECK(sign("last", "").text("/errors/0") ==
        "signing certificate has a max path length of zero, and cannot issue further CA "
        "certificates");
  CHECK(sign("two", R"(,"max_path_length":2)").status == 400);
  CHECK(sign("two", R"(,"max_path_length":-5)").status == 400);
  const Answer zero = sign("two", R"(,"max_path_length":0)");
  CHECK(certificate_of(zero).extensions().basic_constraints->path_length == 0U);

  const x509::Certificate constrained = certificate_of(
      sign("two",
           R"(,"permitted_dns_domains":"a.com,b.com","excluded_ip_ranges":"10.0.0.0/8",
              "permitted_email_addresses":"a.com","excluded_uri_domains":"c.com")"));
  REQUIRE(constrained.extensions().name_constraints.has_value());
  CHECK(constrained.extensions().name_constraints->permitted.size() == 3);
  CHECK(constrained.extensions().name_constraints->excluded.size() == 2);
  CHECK(sign("two", R"(,"permitted_ip_ranges":"10.0.0.1")").text("/chancery/field") ==
        "permitted_ip_ranges");
  const x509::Certificate signing =
      certificate_of(sign("two", R"(,"key_usage":"DigitalSignature","skid":"00:11:22")"));
  CHECK(signing.key_usage()->has(x509::KeyUsageBit::kDigitalSignature));
  CHECK(signing.key_usage()->has(x509::KeyUsageBit::kKeyCertSign));
  CHECK(hex(*signing.subject_key_id()) == "001122");
  CHECK(sign("two", R"(,"skid":"zz")").text("/errors/0") ==
        "cannot parse requested SKID value as hex: encoding/hex: invalid byte: U+007A 'z'");

  CHECK(vault.client.post("pki/root/sign-intermediate", "{}").text("/errors/0") ==
        R"("csr" is empty)");
  CHECK(vault.client.post("pki/root/sign-intermediate", R"({"csr":"zz"})").text("/errors/0") ==
        "csr contains no data");
  const Answer nobody = sign("nope", "");
  CHECK(nobody.status == 400);
  CHECK(nobody.text("/errors/0") ==
        "1 error occurred:\n\t* could not fetch the CA certificate (was one set?): unable to find "
        "PKI issuer for reference: nope\n\n");
}

TEST_CASE("with use_csr_values the request's subject and names count") {
  TestVault vault;
  make_root(vault, "two");
  const std::string csr =
      vault.client
          .post("pki/intermediate/generate/internal",
                R"({"common_name":"Theirs","key_type":"ec","country":"DE","alt_names":"a.b"})")
          .text("/data/csr");
  const auto sign = [&](const std::string& more) {
    return certificate_of(
        vault.client.post("pki/issuer/two/sign-intermediate",
                          R"({"common_name":"Ours","csr":)" + in_quotes(csr) + more + "}"));
  };
  CHECK(sign("").subject().to_string() == "CN=Ours");
  const x509::Certificate theirs = sign(R"(,"use_csr_values":true)");
  CHECK(theirs.subject().to_string() == "CN=Theirs,C=DE");
  CHECK(theirs.is_ca());
  CHECK(theirs.subject_alt_names().size() == 2);  // its common name is one
}

TEST_CASE("issuers are renamed, restricted and patched") {
  TestVault vault;
  make_root(vault, "two");
  const std::string id = vault.client.get("pki/issuer/two").text("/data/issuer_id");
  const Answer written = vault.client.post(
      "pki/issuer/two",
      R"({"issuer_name":"three","leaf_not_after_behavior":"truncate","usage":"read-only",
          "issuing_certificates":"http://a/x,http://b/y"})");
  REQUIRE(written.status == 200);
  CHECK(written.text("/data/issuer_name") == "three");
  CHECK(written.text("/data/usage") == "read-only");
  CHECK(written.text("/data/leaf_not_after_behavior") == "truncate");
  CHECK(written.at("/data/issuing_certificates").as_array().size() == 2);
  CHECK(written.at("/data/ocsp_servers").is_null());
  CHECK(vault.client.get("pki/issuer/three").body == written.body);
  CHECK(vault.client.get("pki/issuer/two").status == 404);

  vault.client.headers = {{"Content-Type", "application/merge-patch+json"}};
  const Answer patched =
      vault.client.send("PATCH", "pki/issuer/three", R"({"usage":"issuing-certificates"})");
  CHECK(patched.text("/data/usage") == "issuing-certificates,read-only");
  CHECK(patched.text("/data/leaf_not_after_behavior") == "truncate");
  vault.client.headers.clear();
  CHECK(vault.client.send("PATCH", "pki/issuer/three", "{}").status == 400);
  vault.client.headers = {{"Content-Type", "application/json"}};
  CHECK(vault.client.send("PATCH", "pki/issuer/three", "{}").status == 415);
  vault.client.headers = {};

  // A whole write sets everything that it does not say back to its default.
  const Answer reset = vault.client.post("pki/issuer/" + id, "{}");
  CHECK(reset.text("/data/issuer_name").empty());
  CHECK(reset.text("/data/leaf_not_after_behavior") == "err");
  CHECK(reset.at("/data/issuing_certificates").as_array().empty());

  const auto refused = [&](const std::string& body) {
    const Answer answer = vault.client.post("pki/issuer/" + id, body);
    CHECK(answer.status == 400);
    return answer.text("/errors/0");
  };
  CHECK(refused(R"({"issuer_name":"issuing"})") == "issuer name already in use");
  CHECK(refused(R"({"usage":"read-only,foo"})") ==
        "Unable to parse specified usages: [read-only foo] - valid values are "
        "crl-signing,issuing-certificates,ocsp-signing,read-only");
  CHECK(refused(R"({"leaf_not_after_behavior":"foo"})") ==
        "Unknown value for field `leaf_not_after_behavior`. Possible values are `err`, `truncate`, "
        "and `permit`.");
  CHECK(refused(R"({"leaf_not_after_behavior":"permit"})").find("outlives") != std::string::npos);
  CHECK(refused(R"({"revocation_signature_algorithm":"zz"})")
            .starts_with("Unknown signature algorithm value: 0 - valid values are "));
  CHECK(refused(R"({"revocation_signature_algorithm":"SHA256WithRSA"})") ==
        "1 error occurred:\n\t* unable to use issuer of type ECDSA to sign with SHA256-RSA key "
        "type\n\n");
  CHECK(refused(R"({"crl_distribution_points":"foo"})") ==
        "invalid URL found in Authority Information Access (AIA) parameter "
        "crl_distribution_points: foo");
  CHECK(refused(R"({"manual_chain":"issuing"})") ==
        "expected first cert in chain to be a self-reference, but was: issuing/" +
            vault.mount.issuing_id);
  CHECK(vault.client.post("pki/issuer/nope", "{}").text("/errors/0") ==
        "1 error occurred:\n\t* unable to find PKI issuer for reference: nope\n\n");
}

TEST_CASE("a manual chain is the chain") {
  TestVault vault;
  make_root(vault, "two");
  const Answer set = vault.client.post("pki/issuer/issuing",
                                       R"({"issuer_name":"issuing","manual_chain":"self,two"})");
  REQUIRE(set.status == 200);
  CHECK(set.at("/data/ca_chain").as_array().size() == 2);
  CHECK(set.text("/data/ca_chain/1") ==
        vault.client.get("pki/issuer/two").text("/data/certificate"));
  CHECK(set.text("/data/manual_chain/0") == vault.mount.issuing_id);
}

TEST_CASE("an issuer does what its usage says and no more") {
  TestVault vault;
  vault.mount.add_role("web");
  make_root(vault, "two");
  const Answer made =
      vault.client.post("pki/issuer/two/issue/web", R"({"common_name":"a.b","ttl":"1h"})");
  CHECK(made.status == 200);
  const std::string id = vault.client.get("pki/issuer/two").text("/data/issuer_id");
  CHECK(
      vault.client.post("pki/issuer/two", R"({"issuer_name":"two","usage":"read-only"})").status ==
      200);
  const std::string refusal =
      "1 error occurred:\n\t* error fetching CA certificate: error while attempting to use "
      "issuer " +
      id + ": requested usage issuing-certificates for issuer [id:" + id +
      " / name:two] but only had usage read-only\n\n";
  const Answer issue =
      vault.client.post("pki/issuer/two/issue/web", R"({"common_name":"a.b","ttl":"1h"})");
  CHECK(issue.status == 400);
  CHECK(issue.text("/errors/0") == refusal);
  CHECK(vault.client.post("pki/issuer/two/sign-verbatim", R"({"csr":"x"})").text("/errors/0") ==
        refusal);
  CHECK(vault.anonymous("GET", "pki/issuer/two/crl/der").status >= 400);
}

TEST_CASE("leaf_not_after_behavior decides what becomes of what would outlive the issuer") {
  TestVault vault;
  vault.mount.add_role("web");
  make_root(vault, "two", R"(,"ttl":"2h")");
  const auto issue = [&] {
    return vault.client.post("pki/issuer/two/issue/web", R"({"common_name":"a.b","ttl":"3h"})");
  };
  CHECK(issue().text("/errors/0").starts_with("cannot satisfy request, as TTL would result"));
  vault.client.post("pki/issuer/two",
                    R"({"issuer_name":"two","leaf_not_after_behavior":"truncate"})");
  const Answer cut = issue();
  CHECK(certificate_of(cut).not_after() ==
        x509::Certificate::from_pem(cut.text("/data/issuing_ca")).value().not_after());
}

TEST_CASE("the default issuer is chosen, followed, replaced and lost") {
  TestVault vault;
  const auto config = [&](const std::string& body) {
    return vault.client.post("pki/config/issuers", body);
  };
  const auto current = [&] { return vault.client.get("pki/config/issuers").text("/data/default"); };
  CHECK(current() == vault.mount.issuing_id);
  for (const char* bad : {"{}", R"({"default":""})", R"({"default":"default"})"}) {
    CHECK(config(bad).text("/errors/0") ==
          "Invalid issuer specification; must be non-empty and can't be 'default'.");
  }
  CHECK(config(R"({"default":"nope"})").text("/errors/0") ==
        "Error resolving issuer reference: unable to find PKI issuer for reference: nope");
  const Answer keyless = config(R"({"default":"root"})");
  CHECK(keyless.text("/warnings/0").starts_with("This selected default issuer has no key"));
  const std::string second = make_root(vault, "two").text("/data/issuer_id");
  CHECK(current() != second);
  CHECK(config(R"({"default":"issuing","default_follows_latest_issuer":true})").status == 200);
  const std::string third = make_root(vault, "three").text("/data/issuer_id");
  CHECK(current() == third);
  CHECK(vault.client.get("pki/issuer/default").text("/data/issuer_name") == "three");

  const Answer next =
      vault.client.post("pki/root/rotate/internal", R"({"common_name":"N","key_type":"ec"})");
  CHECK(next.text("/data/issuer_name") == "next");
  const Answer other =
      vault.client.post("pki/root/rotate/internal", R"({"common_name":"N","key_type":"ec"})");
  CHECK(other.text("/data/issuer_name").empty());
  CHECK(vault.client.post("pki/root/replace", "{}").text("/data/default") ==
        next.text("/data/issuer_id"));

  const Answer deleted = vault.client.send("DELETE", "pki/issuer/next");
  CHECK(deleted.status == 200);
  CHECK(deleted.text("/warnings/0").find("was configured as the default issuer") !=
        std::string::npos);
  CHECK(current().empty());
  CHECK(vault.client.get("pki/issuer/default").text("/errors/0") ==
        "1 error occurred:\n\t* no default issuer currently configured\n\n");
  CHECK(vault.client.send("DELETE", "pki/issuer/next").status == 200);
}

TEST_CASE("keys are generated, renamed, imported, and kept while they are used") {
  TestVault vault;
  const Answer made = vault.client.post("pki/keys/generate/internal",
                                        R"({"key_name":"g1","key_type":"ec","key_bits":384})");
  CHECK(made.text("/data/key_name") == "g1");
  CHECK(made.at("/data/private_key").as_string() == "(absent)");
  const Answer exported =
      vault.client.post("pki/keys/generate/exported", R"({"key_name":"g2","key_type":"ed25519"})");
  const auto key = crypto::PrivateKey::from_pem(exported.text("/data/private_key")).value();
  CHECK(vault.client.post("pki/keys/generate/kms", "{}").text("/errors/0") ==
        R"("external_key_ref" is required for kms typed key generation)");
  CHECK(vault.client.post("pki/keys/generate/internal", R"({"key_type":"bogus"})")
            .text("/errors/0") ==
        "Validation for key_type, key_bits failed: unknown key type bogus");

  CHECK(vault.client.post("pki/key/g1", R"({"key_name":"g3"})").text("/data/key_name") == "g3");
  CHECK(vault.client.get("pki/key/g1").text("/errors/0") ==
        "1 error occurred:\n\t* unable to find PKI key for reference: g1\n\n");
  CHECK(vault.client.post("pki/key/g3", R"({"key_name":"g2"})").text("/errors/0") ==
        "key name already in use");

  const std::string pem = exported.text("/data/private_key");
  const Answer again = vault.client.post(
      "pki/keys/import", R"({"key_name":"g4","pem_bundle":)" + in_quotes(pem) + "}");
  CHECK(again.text("/data/key_id") == exported.text("/data/key_id"));
  CHECK(again.text("/warnings/0") == "Key already imported, use key/ endpoint to update name.");
  const auto outside = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const auto traditional = outside.to_traditional().value();
  const std::string theirs = asn1::pem(traditional.label, traditional.der.view());
  const Answer imported = vault.client.post(
      "pki/keys/import", R"({"key_name":"theirs","pem_bundle":)" + in_quotes(theirs) + "}");
  CHECK(imported.text("/data/key_type") == "ec");
  CHECK(vault.client.post("pki/keys/import", R"({"pem_bundle":)" + in_quotes(theirs + pem) + "}")
            .text("/errors/0") ==
        "only a single key can be present within the pem_bundle for importing");
  CHECK(vault.client.post("pki/keys/import", R"({"pem_bundle":"/etc/key.pem"})")
            .text("/errors/0")
            .starts_with("provided data for import was too short"));

  const Answer root =
      vault.client.post("pki/root/generate/existing", R"({"common_name":"R","key_ref":"theirs"})");
  CHECK(equal(certificate_of(root).spki(), outside.public_key().spki()));
  const Answer used = vault.client.send("DELETE", "pki/key/theirs");
  CHECK(used.status == 400);
  CHECK(used.text("/errors/0") ==
        "Failed to Delete Key.  Key in Use by Issuer: " + root.text("/data/issuer_id"));
  CHECK(vault.client.send("DELETE", "pki/issuer/" + root.text("/data/issuer_id")).status == 200);
  const std::string id = imported.text("/data/key_id");
  CHECK(vault.mount.keys->find(id).has_value());
  CHECK(vault.client.send("DELETE", "pki/key/theirs").status == 204);
  CHECK(vault.mount.keys->find(id).error().code == Code::kNotFound);
  CHECK(vault.client.send("DELETE", "pki/key/theirs").status == 204);
}

TEST_CASE("the keys of issuers that are older than their records are listed") {
  TestVault vault;
  const Answer list = vault.client.send("LIST", "pki/keys");
  REQUIRE(list.at("/data/keys").as_array().size() == 1);
  const std::string id = first(list, "keys");
  CHECK(id == vault.client.get("pki/issuer/issuing").text("/data/key_id"));
  CHECK(list.at("/data/key_info/" + id + "/is_default").as_bool());
  CHECK(vault.client.post("pki/key/" + id, R"({"key_name":"named"})").status == 200);
  CHECK(vault.client.get("pki/key/named").text("/data/key_id") == id);

  // Such a key stays when its issuer goes before it was ever named.
  TestVault other;
  const std::string key = other.client.get("pki/issuer/issuing").text("/data/key_id");
  CHECK(other.client.send("DELETE", "pki/issuer/issuing").status == 200);
  CHECK(other.client.get("pki/key/" + key).status == 200);
  CHECK(other.client.send("DELETE", "pki/key/" + key).status == 200);  // it was the default
  CHECK(other.client.get("pki/key/" + key).status == 404);
}

TEST_CASE("certificates and keys are imported in any order, once") {
  TestVault vault;
  TestVault elsewhere;
  const Answer root = elsewhere.client.post("pki/root/generate/exported",
                                            R"({"common_name":"Foreign","key_type":"ec"})");
  const std::string certificate = root.text("/data/certificate");
  const std::string key = root.text("/data/private_key");
  const auto import = [&](const std::string& path, const std::string& pem) {
    return vault.client.post("pki/" + path, R"({"pem_bundle":)" + in_quotes(pem) + "}");
  };
  CHECK(import("issuers/import/cert", certificate + "\n" + key).text("/errors/0") ==
        "private keys found in the PEM bundle but not allowed by the path; use "
        "/issuers/import/bundle");
  const Answer alone = import("issuers/import/cert", certificate);
  const std::string id = first(alone, "imported_issuers");
  CHECK(alone.at("/data/imported_keys").is_null());
  CHECK(alone.text("/data/mapping/" + id).empty());
  CHECK(vault.client.get("pki/issuer/" + id).text("/data/key_id").empty());
  vault.mount.add_role("web");
  CHECK(vault.client.post("pki/issuer/" + id + "/issue/web", R"({"common_name":"a.b","ttl":"1h"})")
            .text("/errors/0") ==
        "1 error occurred:\n\t* could not fetch the CA certificate (was one set?): unable to fetch "
        "corresponding key for issuer " +
            id + "; unable to use this issuer for signing\n\n");

  const Answer both = import("config/ca", key + "\n" + certificate);
  CHECK(first(both, "existing_issuers") == id);
  CHECK(both.at("/data/imported_issuers").is_null());
  const std::string key_id = first(both, "imported_keys");
  CHECK(both.text("/data/mapping/" + id) == key_id);
  CHECK(vault.client.get("pki/issuer/" + id).text("/data/key_id") == key_id);
  CHECK(vault.client.post("pki/issuer/" + id + "/issue/web", R"({"common_name":"a.b","ttl":"1h"})")
            .status == 200);
  const Answer again = import("issuers/import/bundle", key + "\n" + certificate);
  CHECK(first(again, "existing_keys") == key_id);
  CHECK(again.at("/data/imported_keys").is_null());

  CHECK(vault.client.post("pki/config/ca", "{}").text("/errors/0") ==
        "'pem_bundle' and 'certificate' parameters were empty");
  const Answer leaf =
      vault.client.post("pki/issue/web", R"({"common_name":"a.example.com","ttl":"1h"})");
  CHECK(import("issuers/import/cert", leaf.text("/data/certificate"))
            .text("/errors/0")
            .starts_with("Error parsing issuer 0: Refusing to import non-CA certificate\n"));
  CHECK(import("issuers/import/cert", std::string(100, 'x')).status == 400);
}

TEST_CASE("sign-verbatim takes the request as it is, but makes no authority of it") {
  TestVault vault;
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const std::string good = enrol::TestMount::make_csr("a.example.com", key);
  const Answer made =
      vault.client.post("pki/sign-verbatim", R"({"ttl":"1h","ext_key_usage":"ServerAuth","csr":)" +
                                                 in_quotes(good) + "}");
  const x509::Certificate certificate = certificate_of(made);
  CHECK(certificate.subject().to_string() == "CN=a.example.com");
  CHECK(certificate.subject_alt_names().size() == 1);
  CHECK(certificate.key_usage()->has(x509::KeyUsageBit::kKeyAgreement));
  CHECK(made.at("/data/not_before").is_int64());

  // One that asks to be an authority.
  const Answer request = vault.client.post(
      "pki/intermediate/generate/internal",
      R"({"common_name":"ca.example.com","key_type":"ec","add_basic_constraints":true})");
  const Answer signed_ca =
      vault.client.post("pki/issuer/issuing/sign-verbatim",
                        R"({"ttl":"1h","csr":)" + in_quotes(request.text("/data/csr")) + "}");
  CHECK_FALSE(certificate_of(signed_ca).is_ca());
  CHECK(signed_ca.text("/warnings/0") ==
        "specified CSR contained a Basic Constraints extension that was ignored during issuance");
  const Answer usage = vault.client.post(
      "pki/sign-verbatim", R"({"ttl":"1h","key_usage":"CertSign","csr":)" + in_quotes(good) + "}");
  CHECK_FALSE(certificate_of(usage).key_usage().has_value());

  vault.mount.add_role("short", [](policy::Role& role) { role.max_ttl = seconds{600}; });
  const Answer cut =
      vault.client.post("pki/sign-verbatim/short", R"({"ttl":"1h","csr":)" + in_quotes(good) + "}");
  CHECK(certificate_of(cut).not_after() == vault.mount.clock.now() + seconds{600});
  CHECK(vault.client.post("pki/sign-verbatim/nope", "{}").text("/errors/0") ==
        "unknown role: nope");
  CHECK(vault.client.post("pki/sign-verbatim", "{}").text("/errors/0") == R"("csr" is empty)");
}

TEST_CASE("sign-self-issued joins two hierarchies") {
  TestVault vault;
  make_root(vault, "two");
  const std::string other = make_root(vault, "three").text("/data/certificate");
  const auto sign = [&](const std::string& pem, const std::string& more) {
    return vault.client.post("pki/issuer/two/sign-self-issued",
                             R"({"certificate":)" + in_quotes(pem) + more + "}");
  };
  const Answer crossed = sign(other, "");
  const x509::Certificate certificate = certificate_of(crossed);
  const auto original = x509::Certificate::from_pem(other).value();
  CHECK(certificate.subject() == original.subject());
  CHECK(equal(certificate.spki(), original.spki()));
  CHECK(certificate.issuer().to_string() == "CN=Root two");
  CHECK(certificate.not_after() == original.not_after());
  CHECK(certificate.is_ca());
  CHECK(sign("x", "").text("/errors/0") == "certificate could not be PEM-decoded");
  CHECK(sign(vault.client.get("pki/issuer/issuing").text("/data/certificate"), "")
            .text("/errors/0") == "given certificate is not self-issued");
  const std::string rsa =
      vault.client
          .post("pki/root/generate/internal", R"({"common_name":"RSA","key_type":"ed25519"})")
          .text("/data/certificate");
  CHECK(sign(rsa, R"(,"require_matching_certificate_algorithms":true)")
            .text("/errors/0")
            .find("does not match submitted certificate's (Ed25519)") != std::string::npos);
  CHECK(sign(rsa, "").status == 200);
}

TEST_CASE("a revoked issuer issues nothing more and is on its parent's CRL") {
  TestVault vault;
  vault.mount.add_role("web");
  make_root(vault, "two");
  const std::string id = make_intermediate(vault, "two", "Below");
  const Answer revoked = vault.client.post("pki/issuer/" + id + "/revoke", "{}");
  REQUIRE(revoked.status == 200);
  CHECK(revoked.at("/data/revoked").as_bool());
  CHECK(revoked.at("/data/revocation_time").as_int64() == to_unix(vault.mount.clock.now()));
  CHECK(revoked.text("/data/usage") == "crl-signing,ocsp-signing,read-only");
  CHECK(vault.client.post("pki/issuer/" + id + "/issue/web", R"({"common_name":"a.b","ttl":"1h"})")
            .status == 400);
  const auto certificate = x509::Certificate::from_pem(revoked.text("/data/certificate")).value();
  const auto crl =
      x509::CertificateList::parse(to_bytes(vault.anonymous("GET", "pki/issuer/two/crl/der").body));
  REQUIRE(crl.has_value());
  CHECK(crl->find(certificate.serial()).has_value());

  vault.mount.clock.advance(seconds{60});
  const Answer again = vault.client.post("pki/issuer/" + id + "/revoke", "{}");
  CHECK(again.at("/data/revocation_time") == revoked.at("/data/revocation_time"));
  CHECK(vault.client.post("pki/issuer/" + id, R"({"issuer_name":"again"})").text("/errors/0") ==
        "This issuer was revoked; unable to modify its usage to include certificate signing again. "
        "Reissue this certificate (preferably with a new key) and modify that entry instead.");
  const Answer root = vault.client.post("pki/issuer/two/revoke", "{}");
  CHECK(root.text("/warnings/0").starts_with("This issuer is a self-signed"));
}

TEST_CASE("URLs of the mount and of an issuer, with and without variables") {
  TestVault vault;
  vault.mount.add_role("web");
  CHECK(vault.client.get("pki/config/urls").at("/data/ocsp_servers").as_array().empty());
  CHECK(vault.client.post("pki/config/urls", R"({"issuing_certificates":"not a url"})")
            .text("/errors/0") ==
        "invalid URL found in Authority Information Access (AIA) parameter issuing_certificates: "
        "not a url");
  const Answer set = vault.client.post(
      "pki/config/urls",
      R"({"ocsp_servers":"http://o","delta_crl_distribution_points":["http://d"]})");
  CHECK(set.text("/data/ocsp_servers/0") == "http://o");
  CHECK(vault.client.post("pki/config/urls", R"({"crl_distribution_points":"http://c"})")
            .text("/data/ocsp_servers/0") == "http://o");

  const x509::Certificate root = certificate_of(make_root(vault, "two"));
  REQUIRE(root.extensions().authority_info_access.has_value());
  CHECK(root.extensions().find(x509::oids::kFreshestCrl) != nullptr);
  const auto issue = [&] {
    return vault.client.post("pki/issuer/two/issue/web", R"({"common_name":"a.b","ttl":"1h"})");
  };
  CHECK(certificate_of(issue()).extensions().authority_info_access->front().location.text() ==
        "http://o");

  CHECK(
      vault.client
          .post(
              "pki/config/urls",
              R"({"enable_templating":true,"ocsp_servers":"{{cluster_path}}/ocsp/{{issuer_id}}"})")
          .status == 200);
  const Answer unset = issue();
  CHECK(unset.status == 400);
  CHECK(
      unset.text("/errors/0")
          .find(
              "unable to template AIA URLs as we lack local cluster address information (path)") !=
      std::string::npos);
  CHECK(vault.client.post("pki/config/cluster", R"({"path":"nourl"})").text("/errors/0") ==
        "1 error occurred:\n\t* invalid, non-URL path given to cluster: nourl\n\n");
  CHECK(vault.client.post("pki/config/cluster", R"({"path":"https://c/v1/pki"})").status == 200);
  CHECK(vault.client.get("pki/config/cluster").text("/data/path") == "https://c/v1/pki");
  const std::string id = vault.client.get("pki/issuer/two").text("/data/issuer_id");
  CHECK(certificate_of(issue()).extensions().authority_info_access->front().location.text() ==
        "https://c/v1/pki/ocsp/" + id);

  // An issuer's own URLs stand instead of the mount's.
  vault.client.post("pki/issuer/two", R"({"issuer_name":"two","ocsp_servers":"http://own"})");
  const auto own = certificate_of(issue());
  CHECK(own.extensions().authority_info_access->front().location.text() == "http://own");
  CHECK_FALSE(own.extensions().crl_distribution_points.has_value());
  const Answer warned =
      vault.client.post("pki/issuer/two", R"({"issuer_name":"two","ocsp_servers":"{{nope}}",
                                              "enable_aia_url_templating":true})");
  CHECK(
      warned.text("/warnings/0")
          .starts_with(
              "issuance may fail: error validating templated ocsp_servers; invalid URI: {{nope}}"));
}

TEST_CASE("DELETE root takes everything, and a mount without issuers begins anew") {
  TestVault vault;
  vault.mount.add_role("web");
  make_root(vault, "two");
  CHECK(vault.client.send("DELETE", "pki/root").status == 200);
  CHECK(vault.client.send("LIST", "pki/issuers").status == 404);
  CHECK(vault.client.send("LIST", "pki/keys").status == 404);
  CHECK(vault.mount.keys->list().value().empty());
  const Answer issue = vault.client.post("pki/issue/web", R"({"common_name":"a.b","ttl":"1h"})");
  CHECK(issue.text("/errors/0") ==
        "1 error occurred:\n\t* could not fetch the CA certificate (was one set?): no default "
        "issuer currently configured\n\n");
  const std::string id = make_root(vault, "first").text("/data/issuer_id");
  CHECK(vault.client.get("pki/config/issuers").text("/data/default") == id);
  CHECK(vault.client.post("pki/issue/web", R"({"common_name":"a.b","ttl":"1h"})").status == 200);
}

TEST_CASE("cross-sign asks for another certificate of a key that is here") {
  TestVault vault;
  const x509::Certificate root = certificate_of(make_root(vault, "two"));
  const Answer request = vault.client.post("pki/intermediate/cross-sign",
                                           R"({"common_name":"Root two","key_ref":"key-two"})");
  const auto csr = x509::CertificationRequest::from_pem(request.text("/data/csr")).value();
  CHECK(csr.verify_signature().has_value());
  CHECK(equal(csr.spki(), root.spki()));
}

}  // namespace
}  // namespace chancery::vault
