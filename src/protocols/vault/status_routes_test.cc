#include <doctest/doctest.h>

#include <algorithm>

#include "http/conditional.h"
#include "protocols/json/go_duration.h"
#include "protocols/vault/test_vault.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

namespace chancery::vault {
namespace {

struct Issued {
  std::string serial;
  std::string certificate;
  std::string key;
};

Issued issue(TestVault& vault, const std::string& body = R"({"common_name":"www.example.test"})") {
  const auto answer = vault.client.post("pki/issue/web", body);
  REQUIRE(answer.status == 200);
  return {answer.text("/data/serial_number"), answer.text("/data/certificate"),
          answer.text("/data/private_key")};
}

std::string object(const boost::json::object& members) { return boost::json::serialize(members); }

std::string revoke_body(const Issued& issued) { return object({{"serial_number", issued.serial}}); }

x509::CertificateList crl(const json::Answer& answer) {
  REQUIRE(answer.status == 200);
  return x509::CertificateList::parse(as_bytes(answer.body)).value();
}

std::string header(const json::Answer& answer, std::string_view name) {
  for (const http::Header& each : answer.headers)
    if (each.name == name) return each.value;
  return "";
}

constexpr std::string_view kAutomatic = R"({"auto_rebuild":true,"enable_delta":true})";

TEST_CASE("config/crl is read, changed in part, and refused in Vault's words") {
  TestVault vault;
  const auto read = vault.client.get("pki/config/crl");
  CHECK(boost::json::serialize(read.at("/data")) ==
        R"({"allow_expired_cert_revocation":false,"auto_rebuild":false,)"
        R"("auto_rebuild_grace_period":"12h","delta_rebuild_interval":"15m","disable":false,)"
        R"("enable_delta":false,"expiry":"72h","ocsp_disable":false,"ocsp_expiry":"12h"})");
  auto written = vault.client.post("pki/config/crl", R"({"expiry":"3d","max_crl_entries":5})");
  CHECK(written.status == 200);
  CHECK(written.text("/data/expiry") == "3d");
  CHECK(written.text("/warnings/0") ==
        "Endpoint ignored these unrecognized parameters: [max_crl_entries]");
  written = vault.client.post("pki/config/crl", R"({"ocsp_expiry":3600,"disable":"true"})");
  CHECK(written.text("/data/ocsp_expiry") == "3600");
  CHECK(written.text("/data/expiry") == "3d");
  CHECK(written.at("/data/disable").as_bool());
  CHECK(vault.client.get("pki/config/crl").at("/data") == written.at("/data"));

  const auto refused = [&](std::string_view body) {
    const auto answer = vault.client.post("pki/config/crl", body);
    CHECK(answer.status == 400);
    return answer.text("/errors/0");
  };
  CHECK(refused(R"({"expiry":"bad"})") ==
        "given expiry could not be decoded: strconv.ParseInt: parsing \"ba\": invalid syntax");
  CHECK(refused(R"({"auto_rebuild_grace_period":"1x"})") ==
        "given auto_rebuild_grace_period could not be decoded: time: unknown unit \"x\" in "
        "duration \"1x\"");
  CHECK(refused(R"({"ocsp_expiry":"-3h"})") ==
        "ocsp_expiry must be greater than or equal to 0 got: -3h0m0s");
  CHECK(refused(R"({"enable_delta":true})") ==
        "Delta CRLs cannot be enabled when auto rebuilding is disabled as the complete CRL is "
        "always regenerated!");
  CHECK(refused(R"({"disable":"maybe"})").starts_with("Field validation failed: error converting"));
  CHECK(vault.client.get("pki/config/crl").at("/data") == written.at("/data"));
}

TEST_CASE("durations are refused as Go refuses them") {
  CHECK(json::go_duration_error("xyz") == "time: invalid duration \"xyz\"");
  CHECK(json::go_duration_error("") == "time: invalid duration \"\"");
  CHECK(json::go_duration_error("12h5") == "time: missing unit in duration \"12h5\"");
  CHECK(json::go_duration_error("1d12h") == "time: unknown unit \"d\" in duration \"1d12h\"");
  CHECK(json::go_duration_error("d") == "strconv.ParseInt: parsing \"\": invalid syntax");
  CHECK(json::go_duration_error("1.5d") == "strconv.ParseInt: parsing \"1.5\": invalid syntax");
  CHECK(json::go_duration_error("99999999999999999999") ==
        "time: invalid duration \"99999999999999999999\"");
}

TEST_CASE("delta CRLs in every form") {
  TestVault vault;
  vault.mount.add_role("web");
  CHECK(vault.client.post("pki/config/crl", kAutomatic).status == 200);
  const auto complete = crl(vault.anonymous("GET", "pki/crl"));
  const Issued issued = issue(vault);
  CHECK(vault.client.post("pki/revoke", revoke_body(issued)).status == 200);
  const Bytes serial = x509::parse_serial(issued.serial).value();
  CHECK_FALSE(crl(vault.anonymous("GET", "pki/crl")).find(serial).has_value());

  const auto der = vault.anonymous("GET", "pki/crl/delta");
  CHECK(der.type == "application/pkix-crl");
  const auto delta = crl(der);
  CHECK(delta.is_delta());
  CHECK(delta.find(serial).has_value());
  CHECK(equal(delta.issuer().der(), complete.issuer().der()));
  CHECK(vault.anonymous("GET", "pki/issuer/issuing/crl/delta/der").body == der.body);
  CHECK(vault.anonymous("GET", "pki/cert/delta-crl/raw").body == der.body);
  const auto pem = vault.anonymous("GET", "pki/crl/delta/pem");
  CHECK(pem.type == "application/x-pem-file");
  CHECK(pem.body.starts_with("-----BEGIN X509 CRL-----\n"));
  CHECK(pem.body.ends_with("-----END X509 CRL-----"));
  CHECK(vault.anonymous("GET", "pki/issuer/issuing/crl/delta/pem").body == pem.body + "\n");
  CHECK(vault.anonymous("GET", "pki/issuer/issuing/crl/delta").text("/data/crl") ==
        pem.body + "\n");
  const auto json = vault.anonymous("GET", "pki/cert/delta-crl");
  CHECK(json.text("/data/certificate") == pem.body);
  CHECK(json.at("/data/revocation_time").as_int64() == 0);
  // The root's key is elsewhere, and its CRLs are imported as they are.
  CHECK(vault.anonymous("GET", "pki/issuer/root/crl/delta").status == 404);
}

TEST_CASE("CRLs are rotated by those who may read it") {
  TestVault vault;
  CHECK(vault.client.post("pki/config/crl", kAutomatic).status == 200);
  const auto before = vault.anonymous("GET", "pki/crl").body;
  const auto rotated = vault.client.get("pki/crl/rotate");
  CHECK(rotated.at("/data/success").as_bool());
  CHECK(rotated.lanes == std::vector{http::Lane::kCpu});
  CHECK(vault.anonymous("GET", "pki/crl").body != before);
  CHECK(vault.client.post("pki/crl/rotate", "").status == 405);

  const auto delta = vault.anonymous("GET", "pki/crl/delta").body;
  CHECK(vault.client.get("pki/crl/rotate-delta").at("/warnings").is_null());
  CHECK(vault.anonymous("GET", "pki/crl/delta").body != delta);
  CHECK(vault.client.post("pki/config/crl", R"({"enable_delta":false})").status == 200);
  CHECK(vault.client.get("pki/crl/rotate-delta").text("/warnings/0") ==
        "requested rebuild of delta CRL when delta CRL is not enabled; this is a no-op");
}

TEST_CASE("who has the present CRL or certificate gets 304") {
  TestVault vault;
  const auto ask = [&](std::string_view path, std::vector<http::Header> headers) {
    vault.client.headers = std::move(headers);
    return vault.anonymous("GET", path);
  };
  for (const char* path : {"pki/crl", "pki/crl/pem", "pki/issuer/root/crl/der", "pki/crl/delta"}) {
    CAPTURE(path);
    const auto first = ask(path, {});
    const std::string tag = header(first, "ETag");
    CHECK(tag.size() > 34);
    CHECK(header(first, "Cache-Control") == "public, max-age=300, must-revalidate");
    CHECK(header(first, "Last-Modified") == http::http_date(vault.mount.clock.now()));
    const auto same = ask(path, {{"If-None-Match", "\"x\", W/" + tag}});
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    CHECK(header(same, "ETag") == tag);
    CHECK(ask(path, {{"If-None-Match", "\"x\""}}).status == 200);
    const std::string now = http::http_date(vault.mount.clock.now());
    CHECK(ask(path, {{"If-Modified-Since", now}}).status == 304);
    CHECK(ask(path, {{"If-Modified-Since", now}, {"If-None-Match", "\"x\""}}).status == 200);
    const std::string past = http::http_date(vault.mount.clock.now() - seconds{1});
    CHECK(ask(path, {{"If-Modified-Since", past}}).status == 200);
    CHECK(ask(path, {{"If-Modified-Since", "yesterday"}}).status == 200);
  }
  CHECK(header(ask("pki/crl", {}), "ETag") != header(ask("pki/crl/pem", {}), "ETag"));
  for (const char* path : {"pki/ca", "pki/ca/pem", "pki/ca_chain", "pki/issuer/issuing/der"}) {
    CAPTURE(path);
    const std::string tag = header(ask(path, {}), "ETag");
    CHECK(ask(path, {{"If-None-Match", tag}}).status == 304);
    CHECK(ask(path, {{"If-None-Match", "\"other\""}}).status == 200);
  }
}

TEST_CASE("dates of HTTP") {
  const TimePoint time = parse_rfc3339("2026-11-22T07:14:10Z").value();
  CHECK(http::http_date(time) == "Sun, 22 Nov 2026 07:14:10 GMT");
  CHECK(http::parse_http_date("Sun, 22 Nov 2026 07:14:10 GMT") == time);
  CHECK(http::http_date(from_unix(0)) == "Thu, 01 Jan 1970 00:00:00 GMT");
  for (const char* text : {"", "Mon, 22 Nov 2026 07:14:10 GMT", "Sun, 22 Nov 2026 07:14:10 UTC",
                           "Sun, 32 Nov 2026 07:14:10 GMT", "Sunday, 22-Nov-26 07:14:10 GMT",
                           "Sun, 22 Nov 2026 7:14:10 GMT ", "Sun  22 Nov 2026 07:14:10 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(http::parse_http_date(text).has_value());
  }
}

TEST_CASE("disabled OCSP answers unauthorized") {
  TestVault vault;
  vault.mount.add_role("web");
  const auto certificate = x509::Certificate::from_pem(issue(vault).certificate).value();
  const auto issuer = vault.mount.service->authority(vault.mount.scope, "default").value();
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha256, issuer->certificate().subject(),
                           issuer->public_key(), certificate.serial());
  const Bytes request = x509::encode_ocsp_request(std::span(&id, 1), {});
  CHECK(vault.anonymous("POST", "pki/ocsp", as_text(request)).status == 200);
  CHECK(vault.client.post("pki/config/crl", R"({"ocsp_disable":true})").status == 200);
  const auto answer = vault.anonymous("POST", "pki/ocsp", as_text(request));
  CHECK(answer.status == 401);
  CHECK(answer.type == "application/ocsp-response");
  CHECK(answer.body == as_text(x509::ocsp_error(x509::OcspStatus::kUnauthorized)));
}

TEST_CASE("whoever has the key may revoke, and nobody else") {
  TestVault vault;
  vault.mount.add_role("web");
  const Issued mine = issue(vault);
  const Issued other = issue(vault);
  const auto attempt = [&](const boost::json::object& body, unsigned status) {
    const auto answer = vault.client.post("pki/revoke-with-key", object(body));
    CHECK(answer.status == status);
    return status == 200 ? answer.text("/data/state") : answer.text("/errors/0");
  };
  CHECK(attempt({}, 400) == "The serial number or certificate to revoke must be provided.");
  CHECK(attempt({{"serial_number", mine.serial}}, 400) ==
        "Must have private key to revoke via the /revoke-with-key path.");
  CHECK(attempt({{"serial_number", mine.serial}, {"private_key", "x"}}, 400)
            .starts_with("Provided data for private_key was too short"));
  CHECK(attempt({{"serial_number", mine.serial}, {"private_key", std::string(100, 'x')}}, 400)
            .find("provided key PEM block contained no data or failed to parse") !=
        std::string::npos);
  CHECK(attempt({{"serial_number", "11:22"}, {"private_key", mine.key}}, 400) ==
        "certificate with serial 11:22 not found.");
  CHECK(attempt({{"serial_number", mine.serial}, {"private_key", other.key}}, 400) ==
        "1 error occurred:\n\t* provided private key does not match certificate's public key\n\n");
  CHECK(vault.client.send("LIST", "pki/certs/revoked").status == 404);
  CHECK(attempt({{"serial_number", mine.serial}, {"private_key", mine.key}}, 200) == "revoked");
  CHECK(attempt({{"certificate", other.certificate}, {"private_key", other.key}}, 200) ==
        "revoked");
  CHECK(vault.client.send("LIST", "pki/certs/revoked").at("/data/keys").as_array().size() == 2);
}

TEST_CASE("a certificate that was not stored is revoked by itself") {
  TestVault vault;
  vault.mount.add_role("web", [](policy::Role& role) { role.no_store = true; });
  const Issued issued = issue(vault);
  CHECK(vault.client.post("pki/revoke", revoke_body(issued)).status == 400);
  CHECK(vault.client.post("pki/revoke", object({{"certificate", issued.certificate}}))
            .text("/data/state") == "revoked");
  CHECK(vault.client.get("pki/cert/" + issued.serial).text("/data/certificate") ==
        issued.certificate);
  const Bytes serial = x509::parse_serial(issued.serial).value();
  CHECK(crl(vault.anonymous("GET", "pki/crl")).find(serial).has_value());
}

TEST_CASE("leases are answered as Vault answers for one that it does not know") {
  TestVault vault;
  const auto put = [&](std::string_view path, std::string_view body) {
    return vault.client.send("PUT", "sys/leases/" + std::string(path), body);
  };
  constexpr std::string_view kLease = R"({"lease_id":"pki/issue/web/x"})";
  CHECK(put("lookup", kLease).text("/errors/0") == "invalid lease");
  CHECK(put("renew", kLease).text("/errors/0") == "lease not found");
  CHECK(put("renew/pki/issue/web/x", "{}").text("/errors/0") == "lease not found");
  CHECK(put("revoke", kLease).status == 204);
  CHECK(put("revoke/pki/issue/web/x", "").status == 204);
  CHECK(put("revoke-prefix/pki", "").status == 204);
  for (const char* path : {"lookup", "renew", "revoke"}) {
    CHECK(put(path, "{}").status == 400);
    CHECK(put(path, "{}").text("/errors/0") == "lease_id must be specified");
  }
  CHECK(vault.client.send("LIST", "sys/leases/lookup/pki").body == "{\"errors\":[]}\n");
}

TEST_CASE("revoked and detailed lists, in pages") {
  TestVault vault;
  vault.mount.add_role("web");
  std::vector<std::string> serials;
  for (int i = 0; i < 3; ++i) {
    const Issued issued = issue(
        vault, R"({"common_name":"a.test","alt_names":"B.test,c.test,d.test,e.test,f.test"})");
    serials.push_back(issued.serial);
    CHECK(vault.client.post("pki/revoke", revoke_body(issued)).status == 200);
  }
  std::ranges::sort(serials);
  for (const std::string list : {"pki/certs/revoked", "pki/certs/detailed", "pki/certs"}) {
    CAPTURE(list);
    const auto page = vault.client.get(list + "?list=true&limit=2");
    CHECK(page.at("/data/keys").as_array().size() == 2);
    CHECK(page.text("/data/keys/1") == serials[1]);
    const auto rest = vault.client.get(list + "?list=true&after=" + serials[1]);
    CHECK(rest.at("/data/keys").as_array().size() == 1);
    CHECK(rest.text("/data/keys/0") == serials[2]);
    CHECK(vault.client.get(list + "?list=true&after=" + serials[2]).status == 404);
    CHECK(vault.client.get(list + "?list=true&after=zz").status == 404);
  }
  const auto detailed = vault.client.send("LIST", "pki/certs/detailed");
  const auto details = detailed.at("/data/key_info").as_object().at(serials[0]);
  const auto& now = vault.mount.clock;
  CHECK(boost::json::serialize(details.at("dns_names")) ==
        R"(["a.test","B.test","c.test","d.test","e.test"])");
  CHECK(details.at("common_name").as_string() == "a.test");
  CHECK(details.at("issuer").as_string() == "CN=Test Issuing");
  CHECK(details.at("key_type").as_string() == "ec");
  CHECK(details.at("key_bits").as_int64() == 256);
  CHECK(details.at("not_before").as_string() == rfc3339(now.now() - seconds{30}));
}

}  // namespace
}  // namespace chancery::vault
