#include <doctest/doctest.h>

#include "asn1/pem.h"
#include "protocols/vault/test_vault.h"
#include "x509/verify.h"

namespace chancery::vault {
namespace {

x509::Certificate certificate_of(const std::string& pem) {
  auto parsed = x509::Certificate::from_pem(pem);
  REQUIRE(parsed.has_value());
  return *std::move(parsed);
}

std::string json_string(std::string_view text) {
  return boost::json::serialize(boost::json::string(text.data(), text.size()));
}

TEST_CASE("issue answers with key, certificate and chain") {
  TestVault vault;
  vault.mount.add_role("web");
  const auto answer =
      vault.client.post("pki/issue/web", R"({"common_name":"a.example.com","ttl":"1h","foo":1})");
  REQUIRE(answer.status == 200);
  CHECK(answer.type == "application/json");
  CHECK(answer.body.ends_with("}\n"));
  CHECK(answer.text("/request_id") == "11111111-2222-4333-8444-555555555555");
  CHECK(answer.text("/lease_id").empty());
  CHECK(answer.at("/auth").is_null());
  CHECK(answer.text("/warnings/0") == "Endpoint ignored these unrecognized parameters: [foo]");

  const auto leaf = certificate_of(answer.text("/data/certificate"));
  const auto issuer = certificate_of(answer.text("/data/issuing_ca"));
  const auto root = certificate_of(answer.text("/data/ca_chain/1"));
  CHECK(x509::verify_signed_by(leaf, issuer).has_value());
  CHECK(x509::verify_signed_by(issuer, root).has_value());
  CHECK(answer.text("/data/ca_chain/0") == answer.text("/data/issuing_ca"));
  CHECK_FALSE(answer.text("/data/certificate").ends_with('\n'));
  CHECK(answer.at("/data/expiration").as_int64() == to_unix(leaf.not_after()));
  CHECK(answer.at("/data/not_before").as_int64() == to_unix(leaf.not_before()));
  CHECK(answer.text("/data/serial_number") == hex(leaf.serial(), ':'));
  CHECK(answer.text("/data/private_key_type") == "ec");
  CHECK(answer.text("/data/private_key").starts_with("-----BEGIN EC PRIVATE KEY-----\n"));
  const auto key = crypto::PrivateKey::from_pem(answer.text("/data/private_key")).value();
  CHECK(equal(key.public_key().spki(), leaf.spki()));
}

TEST_CASE("sign answers without a key") {
  TestVault vault;
  vault.mount.add_role("web");
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const std::string csr = enrol::TestMount::make_csr("b.example.com", key);
  const auto answer =
      vault.client.send("PUT", "pki/sign/web/", "{\"csr\":" + json_string(csr) + "}");
  REQUIRE(answer.status == 200);
  CHECK(answer.lanes.empty());
  CHECK(equal(certificate_of(answer.text("/data/certificate")).spki(), key.public_key().spki()));
  CHECK(answer.at("/data").as_object().contains("ca_chain"));
  CHECK_FALSE(answer.at("/data").as_object().contains("private_key"));
}

TEST_CASE("formats of certificate and key") {
  TestVault vault;
  vault.mount.add_role("web");
  const auto issue = [&](const std::string& more) {
    return vault.client.post("pki/issue/web", R"({"common_name":"a.example.com",)" + more + "}");
  };
  auto answer = issue(R"("format":"der")");
  CHECK(
      x509::Certificate::parse(parse_base64(answer.text("/data/certificate")).value()).has_value());
  CHECK(
      x509::Certificate::parse(parse_base64(answer.text("/data/ca_chain/1")).value()).has_value());
  CHECK(parse_base64(answer.text("/data/private_key")).has_value());

  answer = issue(R"("private_key_format":"pkcs8")");
  CHECK(answer.text("/data/private_key").starts_with("-----BEGIN PRIVATE KEY-----\n"));

  answer = issue(R"("format":"pem_bundle")");
  const auto blocks = asn1::parse_pem(answer.text("/data/certificate")).value();
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[0].label == "EC PRIVATE KEY");
  CHECK(blocks[1].label == "CERTIFICATE");

  answer = issue(R"("remove_roots_from_chain":true)");
  CHECK(answer.at("/data/ca_chain").as_array().size() == 1);
}

TEST_CASE("a slow key is made on the cpu lane") {
  TestVault vault;
  vault.mount.add_role("web",
                       [](policy::Role& role) { role.key_type = policy::RoleKeyType::kRsa; });
  const auto answer = vault.client.post("pki/issue/web", R"({"common_name":"a.example.com"})");
  CHECK(answer.status == 200);
  CHECK(answer.lanes == std::vector{http::Lane::kCpu});
  CHECK(answer.text("/data/private_key").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
}

TEST_CASE("what is refused says which field and which rule") {
  TestVault vault;
  vault.mount.add_role("web", [](policy::Role& role) {
    role.allow_any_name = false;
    role.allowed_domains = {"example.com"};
  });
  const auto refused = [&](const std::string& path, const std::string& body) {
    const auto answer = vault.client.post(path, body);
    CHECK(answer.status == 400);
    CHECK(answer.text("/chancery/request_id") == "11111111-2222-4333-8444-555555555555");
    return answer;
  };
  auto answer = refused("pki/issue/web", R"({"common_name":"a.example.com"})");
  CHECK(answer.text("/errors/0") == "common name a.example.com not allowed by this role");
  CHECK(answer.text("/chancery/code") == "refused");
  CHECK(answer.text("/chancery/field") == "common_name");
  CHECK(answer.text("/chancery/rule") != "(absent)");

  // What OpenBao does not say stands beside its text, not in it.
  answer = refused("pki/issue/web",
                   "{\"common_name\":\"b\xc3\xbc"
                   "cher.example.com\"}");
  CHECK(answer.text("/errors/0") ==
        "idna: invalid label \"b\xc3\xbc"
        "cher\"");
  CHECK(answer.text("/chancery/hint") == "write \"xn--bcher-kva\"");

  CHECK(refused("pki/issue/none", "{}").text("/errors/0") == "unknown role: none");
  CHECK(refused("pki/sign/web", "{}").text("/errors/0") == "\"csr\" is empty");
  CHECK(refused("pki/sign/web", R"({"csr":"x"})").text("/errors/0") == "csr contains no data");
  answer = refused("pki/issue/web", R"({"csr":"x"})");
  CHECK(answer.text("/errors/0").find("use sign/web") != std::string::npos);
  answer = refused("pki/issue/web", R"({"ttl":"soon"})");
  CHECK(answer.text("/errors/0") ==
        "Field validation failed: error converting input for field \"ttl\": time: invalid duration "
        "\"soon\"");
  CHECK(answer.text("/chancery/field") == "ttl");
  answer = refused("pki/issue/web", R"({"common_name":"a","common_name":"b"})");
  CHECK(answer.text("/errors/0").find("\"common_name\" stands twice") != std::string::npos);
  CHECK(refused("pki/issue/web", R"({"format":"jks"})").text("/chancery/field") == "format");
  CHECK(refused("pki/issue/web", R"({"private_key_format":"jks"})").text("/chancery/field") ==
        "private_key_format");
  CHECK(refused("pki/issue/web", "[").text("/errors/0").starts_with("failed to decode JSON input"));
  const auto too_large = vault.client.post("pki/issue/web", std::string(70'000, ' ') + "{}");
  CHECK(too_large.status == 413);
  CHECK(too_large.text("/errors/0") == "http: request body too large");
}

TEST_CASE("a certificate that could not be recorded is never returned") {
  TestVault vault;
  vault.mount.add_role("web");
  http::Request request;
  request.method = "POST";
  request.path = "/v1/pki/issue/web";
  request.headers = {{"X-Vault-Token", vault.mount.token}};
  request.body = R"({"common_name":"a.example.com"})";
  request.request_id = "req";
  http::Context context;
  const auto response = vault.api.handle(request, context);
  const auto* pending = std::get_if<http::Response::Pending>(&response.continuation());
  REQUIRE(pending != nullptr);
  CHECK(response.body().empty());
  for (const Code code : {Code::kUnknownOutcome, Code::kStorageFull, Code::kUnavailable}) {
    const auto failed = pending->render(fail(code, "the disk says no"));
    CHECK(failed.status() >= 500);
    CHECK(as_text(failed.body()).find("BEGIN") == std::string_view::npos);
    CHECK(as_text(failed.body()).find("request_id") != std::string_view::npos);
  }
  CHECK(as_text(pending->render(fail(Code::kUnknownOutcome, "x")).body()).find("not known") !=
        std::string_view::npos);
}

TEST_CASE("internal errors show no detail") {
  TestVault vault;
  http::Request request;
  request.request_id = "req";
  for (const Code code : {Code::kInternal, Code::kDataLoss}) {
    const auto response =
        vault.api.refuse(request, Error{code, "secret detail", {{"file", "/secret"}}, {}});
    CHECK(response.status() == 500);
    CHECK(as_text(response.body()).find("secret") == std::string_view::npos);
  }
  const auto busy =
      vault.api.refuse(request, Error{Code::kTooManyRequests, "queue full", {}, seconds{2}});
  CHECK(busy.status() == 429);
  CHECK(std::ranges::any_of(busy.headers(), [](const http::Header& header) {
    return header.name == "Retry-After" && header.value == "2";
  }));
}

}  // namespace
}  // namespace chancery::vault
