#include <doctest/doctest.h>

#include "asn1/pem.h"
#include "protocols/vault/test_vault.h"
#include "x509/crl.h"

namespace chancery::vault {
namespace {

constexpr std::string_view kSign = "pki/issuer/issuing/sign-revocation-list";
constexpr std::string_view kResign = "pki/issuer/issuing/resign-crls";

x509::CertificateList read(TestVault& vault, const json::Answer& answer) {
  REQUIRE(answer.status == 200);
  const auto blocks = asn1::parse_pem(answer.text("/data/crl")).value();
  auto list = x509::CertificateList::parse(BytesView(blocks.at(0).der)).value();
  const auto issuer = vault.mount.service->authority(vault.mount.scope, "default").value();
  CHECK(list.verify_signature(issuer->public_key()).has_value());
  return list;
}

std::string refused(TestVault& vault, std::string_view path, std::string_view body) {
  CAPTURE(body);
  const auto answer = vault.client.post(path, body);
  CHECK(answer.status == 400);
  return answer.text("/errors/0");
}

TEST_CASE("a list of revocations from elsewhere is signed, and recorded") {
  TestVault vault;
  const auto answer = vault.client.post(kSign, R"({"crl_number":5,"next_update":"1h",
      "extensions":[{"id":"1.2.3.4","critical":"false","value":"BQA="}],
      "revoked_certs":[{"serial_number":"11:22","revocation_time":"2026-01-01T00:00:00Z",
                        "extensions":[{"id":"2.5.29.21","value":"CgEB"}]},
                       {"serial_number":"33-44","revocation_time":1767225600}]})");
  CHECK(answer.lanes == std::vector{http::Lane::kCpu});
  const auto list = read(vault, answer);
  CHECK(list.number().value().back() == 5);
  CHECK(*list.next_update() == vault.mount.clock.now() + seconds{3600});
  CHECK_FALSE(list.is_delta());
  CHECK(list.entry_count() == 2);
  const auto entry = list.find(Bytes{0x11, 0x22}).value();
  CHECK(entry.reason == x509::ReasonCode::kKeyCompromise);
  CHECK(entry.revoked_at == from_unix(1'767'225'600));
  CHECK(list.find(Bytes{0x33, 0x44}).value().revoked_at == from_unix(1'767'225'600));
  CHECK(list.extensions().size() == 3);
  const auto events =
      vault.mount.store->log().read_kind(record::EventKind::kCrlSigned, 0, 10).value();
  REQUIRE(events.size() == 1);
  CHECK(record::detail(record::decode(events.front().entry.event).value(), "entries") == "2");

  CHECK(read(vault, vault.client.post(kSign, R"({"crl_number":6,"delta_crl_base_number":5})"))
            .is_delta());
  const auto der = vault.client.post(kSign, R"({"format":"der"})");
  CHECK(parse_base64(der.text("/data/crl")).has_value());
  // What is published here is another matter.
  CHECK(vault.anonymous("GET", "pki/crl").body.find("\x02\x11\x22") == std::string::npos);
}

TEST_CASE("a list of revocations that cannot be signed is refused in Vault's words") {
  TestVault vault;
  const auto entry = [&](std::string_view members) {
    return refused(vault, kSign,
                   R"({"crl_number":5,"revoked_certs":[{)" + std::string(members) + "}]}");
  };
  CHECK(entry(R"("serial_number":"11:22")") ==
        "failed parsing revocation_time from entry 0: missing 'revocation_time' field");
  CHECK(entry(R"("revocation_time":"2026-01-01T00:00:00Z")") ==
        "failed parsing serial_number from entry 0: missing 'serial_number' field");
  CHECK(entry(R"("serial_number":"zz","revocation_time":"2026-01-01T00:00:00Z")") ==
        "failed parsing serial_number from entry 0: 'serial_number' failed converting to bytes: "
        "encoding/hex: invalid byte: U+007A 'z'");
  CHECK(entry(R"("serial_number":"11:22","revocation_time":"x")") ==
        "failed parsing revocation_time from entry 0: failed parsing time x: could not parse "
        "string as date and time");
  // A GeneralizedTime has four digits for the year.
  CHECK(entry(R"("serial_number":"11:22","revocation_time":253402300800)") ==
        "failed parsing revocation_time from entry 0: failed parsing time 253402300800: could not "
        "parse string as date and time");
  const auto extension = [&](std::string_view members) {
    return refused(vault, kSign, R"({"extensions":[{)" + std::string(members) + "}]}");
  };
  CHECK(extension(R"("id":"2.5.29.20","value":"BQA=")") ==
        "failed parsing extension entry 0: crl number object identifier (2.5.29.20) is reserved");
  CHECK(extension(R"("id":"x","value":"BQA=")") ==
        "failed parsing extension entry 0: failed parsing asn1 index element 0 value x: "
        "strconv.Atoi: parsing \"x\": invalid syntax");
  CHECK(extension(R"("id":"1.2.3","value":"!")") ==
        "failed parsing extension entry 0: failed base64 decoding 'value' field: illegal base64 "
        "data at input byte 0");
  CHECK(extension(R"("id":"2.5.29.35","value":"BQA=")").find("is written by the authority") !=
        std::string::npos);
  CHECK(refused(vault, kSign, R"({"crl_number":-1})") ==
        "crl_number parameter must be 0 or greater");
  CHECK(refused(vault, kSign, R"({"format":"xx"})") == "unknown format value of xx");
  CHECK(refused(vault, kSign, R"({"next_update":"bad"})") ==
        "invalid value for next_update: strconv.ParseInt: parsing \"ba\": invalid syntax");
  CHECK(refused(vault, kSign, R"({"next_update":"80000000h"})") ==
        "the CRL would be due after the year 9999");
  CHECK(vault.client.post("pki/issuer/root/sign-revocation-list", "{}").status == 503);
}

TEST_CASE("CRLs are joined: each certificate once") {
  TestVault vault;
  const auto sign = [&](std::string_view serials) {
    return read(vault,
                vault.client.post(kSign, R"({"revoked_certs":[)" + std::string(serials) + "]}"));
  };
  constexpr std::string_view kFirst =
      R"({"serial_number":"11","revocation_time":1},{"serial_number":"22","revocation_time":2})";
  constexpr std::string_view kSecond =
      R"({"serial_number":"22","revocation_time":3},{"serial_number":"33","revocation_time":4})";
  const auto body = [](std::initializer_list<std::string> crls) {
    boost::json::array list;
    for (const std::string& crl : crls) list.emplace_back(crl);
    return boost::json::serialize(boost::json::object{{"crl_number", 9}, {"crls", list}});
  };
  const std::string first = asn1::pem("X509 CRL", sign(kFirst).der());
  const std::string second = asn1::pem("X509 CRL", sign(kSecond).der());
  const auto joined = read(vault, vault.client.post(kResign, body({first, second})));
  CHECK(joined.entry_count() == 3);
  CHECK(joined.find(Bytes{0x22}).value().revoked_at == from_unix(2));
  CHECK(joined.number().value().back() == 9);

  CHECK(refused(vault, kResign, body({first, "x"})) ==
        "failed decoding crl 1: invalid crl; should be one PEM block only");
  const std::string root = vault.anonymous("GET", "pki/issuer/root/crl/pem").body;
  CHECK(refused(vault, kResign, body({root})) == "CRL index: 0 was not signed by requested issuer");
  CHECK(refused(vault, "pki/issuer/nope/resign-crls", body({first})) ==
        "failed to resolve issuer issuer_ref: unable to find PKI issuer for reference: nope");
}

TEST_CASE("a role is patched: what the patch has replaces what is there") {
  TestVault vault;
  CHECK(vault.client.post("pki/roles/web", R"({"allowed_domains":"a.test","ttl":"1h"})").status ==
        200);
  const auto patch = [&](std::string_view path, std::string_view body, const std::string& type) {
    vault.client.headers.clear();
    if (!type.empty()) vault.client.headers = {{"Content-Type", type}};
    return vault.client.send("PATCH", path, body);
  };
  const std::string merge = "application/merge-patch+json";
  const auto patched = patch("pki/roles/web", R"({"ttl":"2h","foo":1})", merge + "; charset=utf-8");
  CHECK(patched.status == 200);
  CHECK(patched.at("/data/ttl").as_int64() == 7200);
  CHECK(patched.text("/data/allowed_domains/0") == "a.test");
  CHECK(patched.text("/warnings/0") == "Endpoint ignored these unrecognized parameters: [foo]");
  CHECK(patched.at("/warnings").as_array().size() == 1);
  CHECK(vault.client.get("pki/roles/web").at("/data") == patched.at("/data"));
  CHECK(patch("pki/roles/web", R"({"allowed_domains":null})", merge)
            .at("/data/allowed_domains")
            .as_array()
            .empty());

  CHECK(patch("pki/roles/web", R"({"ttl":"2h","max_ttl":"1h"})", merge).text("/errors/0") ==
        "\"ttl\" value must be less than \"max_ttl\" value");
  const auto absent = patch("pki/roles/nope", "{}", merge);
  CHECK(absent.status == 400);
  CHECK(absent.text("/errors/0") == "Unable to fetch role entry to patch");
  const auto other = patch("pki/roles/web", "{}", "application/json");
  CHECK(other.status == 415);
  CHECK(other.text("/errors/0") ==
        "PATCH requires Content-Type of application/merge-patch+json, provided application/json");
  CHECK(patch("pki/roles/web", "{}", "").text("/errors/0") == "mime: no media type");
  CHECK(patch("pki/certs", "{}", merge).status == 405);
}

}  // namespace
}  // namespace chancery::vault
