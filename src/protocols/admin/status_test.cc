#include <doctest/doctest.h>

#include "asn1/pem.h"
#include "ca/mass_revocation.h"
#include "enrol/test_mount.h"
#include "protocols/admin/admin_api.h"
#include "protocols/json/test_client.h"
#include "x509/crl.h"

namespace chancery::admin {
namespace {

struct StatusAdmin {
  StatusAdmin() {
    client.token = mount.token;
    mount.add_role("web");
  }
  // check says whether an answer has what its schema requires and nothing that it does not know.
  void check(const boost::json::value& value, const std::string& schema) {
    const auto document = client.get("openapi.json");
    const auto required = document.at("/components/schemas/" + schema + "/required");
    const auto known = document.at("/components/schemas/" + schema + "/properties");
    for (const auto& name : required.as_array()) {
      CAPTURE(std::string(name.as_string()));
      CHECK(value.as_object().contains(name.as_string()));
    }
    for (const auto& member : value.as_object()) {
      CAPTURE(std::string(member.key()));
      CHECK(known.as_object().contains(member.key()));
    }
  }
  json::Answer issue(const std::string& name) {
    auto answer = client.post("certificates",
                              R"({"role":"web","server_key":true,"common_name":")" + name + "\"}");
    REQUIRE(answer.status == 201);
    return answer;
  }

  enrol::TestMount mount;
  AdminApi api{{*mount.service, *mount.enrolment, *mount.tokens, mount.clock, mount.log,
                *mount.methods, *mount.policies},
               {}};
  json::TestClient client{api, "/api/v1/"};
};

TEST_CASE("a hold and its release") {
  StatusAdmin admin;
  const std::string serial = admin.issue("a.test").text("/serial_number");
  const std::string path = "certificates/" + serial;
  CHECK(admin.client.post(path + "/release", "").text("/rule") == "not_on_hold");
  const auto held = admin.client.post(
      path + "/revoke", R"({"reason":"certificateHold","invalidity_date":"2026-04-30T00:00:00Z"})");
  CHECK(held.status == 200);
  CHECK(held.text("/revocation/invalidity_date") == "2026-04-30T00:00:00Z");
  admin.check(held.at("/revocation"), "RevocationState");
  CHECK(admin.client.get(path).text("/status") == "revoked");
  const auto released = admin.client.post(path + "/release", "");
  CHECK(released.status == 200);
  admin.check(released.object(), "Release");
  CHECK(admin.client.get(path).text("/status") == "valid");
  CHECK(admin.client.post(path + "/release", R"({"reason":"x"})").status == 400);
  CHECK(admin.client.post("certificates/11:22/release", "").status == 404);
  CHECK(admin.client.post(path + "/revoke", R"({"invalidity_date":"2100-01-01T00:00:00Z"})")
            .text("/field") == "invalidity_date");
  CHECK(admin.client.post(path + "/revoke", R"({"reason":"removeFromCRL"})").status == 400);
}

TEST_CASE("revocations of many") {
  StatusAdmin admin;
  const auto first = admin.issue("a.shop.test");
  admin.issue("b.shop.test");
  admin.issue("c.other.test");
  const auto refused = [&](const std::string& body) {
    const auto answer = admin.client.post("revocations", body);
    CHECK(answer.status == 400);
    return answer.text("/field");
  };
  CHECK(refused("{}") == "everything");
  CHECK(refused(R"({"everything":true,"name":"a"})") == "everything");
  CHECK(refused(R"({"name_sufix":".test"})") == "name_sufix");
  CHECK(refused(R"({"spki_sha256":"00"})") == "spki_sha256");
  CHECK(admin.client.post("revocations", R"({"issuer":"nobody"})").status == 404);
  const auto run = [&](const std::string& body) {
    const auto started = admin.client.post("revocations", body);
    CHECK(started.status == 202);
    admin.check(started.object(), "MassRevocation");
    admin.mount.service->mass_revocation().wait();
    return admin.client.get("revocations/" + started.text("/id"));
  };
  const auto tried = run(R"({"issuer":"default","name_suffix":".shop.test","dry_run":true})");
  CHECK(tried.text("/state") == "finished");
  CHECK(tried.at("/revoked").as_int64() == 2);
  const auto done = run(R"({"name_suffix":".shop.test","reason":"superseded"})");
  CHECK(done.at("/revoked").as_int64() == 2);
  admin.check(done.object(), "MassRevocation");
  CHECK(admin.client.get("certificates/" + first.text("/serial_number")).text("/status") ==
        "revoked");
  const auto list = admin.client.get("revocations");
  admin.check(list.object(), "MassRevocationList");
  CHECK(list.at("/revocations").as_array().size() == 2);
  CHECK(admin.client.post("revocations/" + done.text("/id") + "/cancel", "").status == 409);
  CHECK(admin.client.get("revocations/nope").status == 404);
}

TEST_CASE("a certificate that is sent along need not be stored") {
  StatusAdmin admin;
  const auto issued = admin.issue("a.test");
  boost::json::object body{{"certificate", issued.text("/certificate")}};
  const auto revoked =
      admin.client.post("unknown-certificates/revoke", boost::json::serialize(body));
  CHECK(revoked.status == 200);
  CHECK(revoked.text("/serial_number") == issued.text("/serial_number"));
  CHECK(admin.client.post("unknown-certificates/revoke", R"({"certificate":"x"})").text("/field") ==
        "certificate");
}

TEST_CASE("CRLs and responders are listed with how they are") {
  StatusAdmin admin;
  const auto list = admin.client.get("crls");
  CHECK(list.status == 200);
  admin.check(list.object(), "CrlReports");
  const boost::json::value crls = list.at("/crls");
  REQUIRE(crls.as_array().size() == 2);
  for (const auto& crl : crls.as_array()) {
    admin.check(crl, "CrlReport");
    CHECK(crl.as_object().at("health").as_string() == "ok");
  }
  CHECK(list.at("/responders/0/health").as_string() == "ok");
  const auto shown = admin.client.get("authorities/default/crl?crl=full");
  admin.check(shown.object(), "Crl");
  CHECK(shown.text("/pem").starts_with("-----BEGIN X509 CRL-----"));
  CHECK(admin.client.get("authorities/default/crl?crl=16-3").status == 404);

  // The imported one is nobody's to renew.
  admin.mount.clock.advance(seconds{66 * 3600});
  const auto due = admin.client.get("crls");
  CHECK(boost::json::serialize(due.at("/crls")).find("\"due\"") != std::string::npos);
  admin.mount.clock.advance(seconds{7 * 3600});
  CHECK(boost::json::serialize(admin.client.get("crls").at("/crls")).find("\"expired\"") !=
        std::string::npos);

  admin.mount.root.clock.advance(seconds{0});
  CHECK(admin.mount.root.service
            ->rotate_crls(admin.mount.root.scope, ca::CrlKind::kComplete, admin.mount.outside)
            .has_value());
  const auto crl = admin.mount.root.service->crl(admin.mount.root.authority, &admin.mount.outside);
  const std::string pem = asn1::pem("X509 CRL", **crl);
  const auto import_it = [&](std::string_view ref) {
    return admin.client.post("authorities/" + std::string(ref) + "/crl",
                             boost::json::serialize(boost::json::object{{"crl", pem}}));
  };
  CHECK(import_it("default").text("/rule") == "crl_made_here");
  const auto imported = import_it("root");
  CHECK(imported.status == 200);
  admin.check(imported.object(), "ImportedCrl");
  CHECK(import_it("root").status == 422);  // its number is no higher
  CHECK(admin.client.post("authorities/root/crl", R"({"crl":"x"})").text("/field") == "crl");
  CHECK(boost::json::serialize(admin.client.get("crls").at("/crls")).find("\"expired\"") ==
        std::string::npos);
}

}  // namespace
}  // namespace chancery::admin
