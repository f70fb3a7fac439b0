#include "ca/mass_revocation.h"
#include "protocols/acme/test_acme.h"

// Revocation (RFC 8555 section 7.6), renewal information (RFC 9773) and profiles.

namespace chancery::acme {
namespace {

std::string revocation(const x509::Certificate& certificate, std::string_view reason = "") {
  return R"({"certificate":")" + base64(certificate.der(), Base64::kUrl) + "\"" +
         (reason.empty() ? "" : R"(,"reason":)" + std::string(reason)) + "}";
}

bool is_revoked(TestAcme& acme, const x509::Certificate& certificate) {
  return acme.mount.service->find(acme.mount.scope, certificate.serial())
      .value()
      .revocation.has_value();
}

TEST_CASE("82, 84, 85, 87: revocation by the account that ordered (7.6)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto certificate = client.certificate(client.obtain({"a.example"}));
  const std::string url = client.url("revoke-cert");
  for (const char* reason : {"2", "3", "6", "7", "8", "9", "10", "11", "\"1\"", "-1", "1.0"}) {
    INFO(reason);
    const auto refused = client.post(url, revocation(certificate, reason));
    CHECK(refused.status == 400);
    CHECK(type_of(refused) == "badRevocationReason");
  }
  CHECK_FALSE(is_revoked(acme, certificate));
  CHECK(client.post(url, revocation(certificate)).status == 200);
  CHECK(is_revoked(acme, certificate));
  const auto again = client.post(url, revocation(certificate, "4"));
  CHECK(again.status == 400);
  CHECK(type_of(again) == "alreadyRevoked");
}

TEST_CASE("82, 83: revocation by others (7.6)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto certificate = client.certificate(client.obtain({"a.example", "b.example"}));
  const std::string url = client.url("revoke-cert");
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  CHECK(type_of(other.post(url, revocation(certificate))) == "unauthorized");
  other.prove(other.order({"a.example"}));
  CHECK(type_of(other.post(url, revocation(certificate))) == "unauthorized");  // one name of two
  CHECK(type_of(other.post_with_key(other.certificate_key, url, revocation(certificate))) ==
        "unauthorized");
  CHECK_FALSE(is_revoked(acme, certificate));
  other.prove(other.order({"b.example"}));
  CHECK(other.post(url, revocation(certificate)).status == 200);
  CHECK(is_revoked(acme, certificate));
}

TEST_CASE("82, 84, 86: revocation by the certificate's key, which keyCompromise blocks") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto certificate = client.certificate(client.obtain({"a.example"}));
  const std::string url = client.url("revoke-cert");
  REQUIRE(client.post(url, revocation(certificate, "4")).status == 200);
  // A second reason by the key: the key is blocked now, though the revocation is as it was.
  CHECK(client.post_with_key(client.certificate_key, url, revocation(certificate, "1")).status ==
        200);
  const auto blocked = acme.mount.service->blocked_keys().find(
      acme.mount.scope, ca::spki_fingerprint(certificate.spki()));
  CHECK(blocked.value().has_value());
  CHECK(type_of(client.post_with_key(client.certificate_key, url, revocation(certificate, "1"))) ==
        "alreadyRevoked");
  const auto order = client.order({"a.example"});
  CHECK(type_of(client.finalize(order, client.make_csr({"a.example"}))) == "badCSR");
}

TEST_CASE("86: a key that was lost takes all of its certificates along (7.6)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto first = client.certificate(client.obtain({"a.example"}));
  const auto second = client.certificate(client.obtain({"b.example"}));
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  const auto unrelated = other.certificate(other.obtain({"c.example"}));
  // Another way to the same mount.
  enrol::EnrolRequest asked;
  asked.role = "acme";
  asked.key =
      enrol::ClientKey{x509::CertificationRequest::parse(
                           parse_base64(client.make_csr({"d.example"}), Base64::kUrl).value())
                           .value()
                           .to_pem()};
  auto enrolled =
      acme.mount.enrolment
          ->enrol(access::local_operator(acme.mount.scope), asked, enrol::Thread::kCpuLane, "req")
          .value();
  const auto elsewhere = acme.mount.commit(std::move(enrolled->issued)).certificate;
  const auto revoked = client.post_with_key(client.certificate_key, client.url("revoke-cert"),
                                            revocation(first, "1"));
  CHECK(revoked.status == 200);
  CHECK(revoked.lanes == std::vector{http::Lane::kSearch});
  CHECK(is_revoked(acme, first));
  acme.mount.service->mass_revocation().wait();
  CHECK(is_revoked(acme, second));
  CHECK(is_revoked(acme, elsewhere));
  CHECK_FALSE(is_revoked(acme, unrelated));
  const auto jobs = acme.mount.service->mass_revocation().list(acme.mount.scope).value();
  REQUIRE(jobs.size() == 1);
  CHECK(jobs.front().revoked + jobs.front().already == 3);
  // Once more is no second job, and asking without end is not let.
  unsigned refused = 0;
  json::Answer again;
  do {
    again = client.post_with_key(client.certificate_key, client.url("revoke-cert"),
                                 revocation(second, "1"));
  } while (type_of(again) == "alreadyRevoked" && ++refused < 200);
  CHECK(refused == 99);
  CHECK(again.status == 429);
  CHECK_FALSE(again.header("Retry-After").empty());
  CHECK(acme.mount.service->mass_revocation().list(acme.mount.scope).value().size() == 1);
}

TEST_CASE("83: what is no certificate of ours is not revoked (7.6)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const std::string url = client.url("revoke-cert");
  TestAcme elsewhere;
  REQUIRE(elsewhere.client.register_account().status == 201);
  const auto foreign = elsewhere.client.certificate(elsewhere.client.obtain({"a.example"}));
  CHECK(type_of(client.post(url, revocation(foreign))) == "unauthorized");
  const auto& its_key = elsewhere.client.certificate_key;
  CHECK(client.post_with_key(its_key, url, revocation(foreign)).status == 404);
  client.prove(client.order({"a.example"}));  // authorised for its names, it is foreign still
  CHECK(client.post(url, revocation(foreign)).status == 404);
  const auto issuer = client.post(url, revocation(acme.mount.root.authority->certificate()));
  CHECK(type_of(issuer) == "unauthorized");
  CHECK(type_of(client.post(url, R"({"certificate":"AAAA"})")) == "malformed");
  CHECK(type_of(client.post(url, R"({"certificate":7})")) == "malformed");
  CHECK(type_of(client.post(url, "{}")) == "malformed");
  const auto certificate = client.certificate(client.obtain({"a.example"}));
  acme.mount.clock.advance(seconds{91LL * 86'400});
  CHECK(type_of(client.post(url, revocation(certificate))) == "malformed");  // expired
}

std::string id_of(const x509::Certificate& certificate) {
  const auto& key = certificate.extensions().authority_key_id;
  return to_string(CertificateId{to_bytes(*key->key_id), to_bytes(certificate.serial())});
}

TEST_CASE("89, 87: renewal information (RFC 9773 sections 4.1, 4.2)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto certificate = client.certificate(client.obtain({"a.example"}));
  const auto ask = [&](const std::string& id) {
    return client.send("GET", client.url("renewal-info/" + id), {}, {});
  };
  const auto shown = ask(id_of(certificate));
  CHECK(shown.status == 200);
  CHECK_FALSE(shown.header("Retry-After").empty());
  const TimePoint start = parse_rfc3339(shown.text("/suggestedWindow/start")).value();
  const TimePoint end = parse_rfc3339(shown.text("/suggestedWindow/end")).value();
  CHECK(start < end);
  CHECK(start > certificate.not_before() + seconds{59LL * 86'400});
  CHECK(end < certificate.not_after() - seconds{25LL * 86'400});
  for (const char* bad : {"x", "AAAA", "AAAA.AA=", "AAAA.", ".AAAA", "AA.AA.AA", "AAAA._w"}) {
    INFO(bad);
    CHECK(ask(bad).status == 400);
  }
  CHECK(ask("AAAA.AQID").status == 404);
  const std::string id = id_of(certificate);
  CHECK(ask("AAAA" + id.substr(4)).status == 404);  // another issuer
  // An operator wants them sooner.
  Renewal window;
  window.start = acme.mount.clock.now() + seconds{3600};
  window.end = window.start + seconds{86'400};
  window.issued_before = acme.mount.clock.now() + seconds{1};
  window.suffix = "example";
  window.explanation = "https://ca.example/why";
  const auto put = [&](const std::string& name) {
    acme.mount.commit(
        acme.core->renewals
            .put(access::local_operator(acme.mount.scope), *acme.directory(), name, window, "req")
            .value());
  };
  put("soon");
  const auto sooner = ask(id);
  CHECK(sooner.text("/suggestedWindow/start") == rfc3339(window.start));
  CHECK(sooner.text("/explanationURL") == "https://ca.example/why");
  window.suffix = "elsewhere";
  put("soon");
  CHECK(ask(id).text("/suggestedWindow/start") == rfc3339(start));
  // Revoked: at once.
  REQUIRE(client.post(client.url("revoke-cert"), revocation(certificate)).status == 200);
  const auto past = ask(id);
  CHECK(parse_rfc3339(past.text("/suggestedWindow/end")).value() < acme.mount.clock.now());
}

TEST_CASE("90: an order that replaces a certificate (RFC 9773 section 5)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto certificate = client.certificate(client.obtain({"a.example"}));
  const std::string id = id_of(certificate);
  const std::string replaces = R"(,"replaces":")" + id + "\"";
  TestAcme::Client other(acme);
  REQUIRE(other.register_account().status == 201);
  CHECK(type_of(other.order({"a.example"}, replaces)) == "unauthorized");
  CHECK(type_of(client.order({"b.example"}, replaces)) == "malformed");
  CHECK(type_of(client.order({"a.example"}, R"(,"replaces":"x")")) == "malformed");
  CHECK(type_of(client.order({"a.example"}, R"(,"replaces":"AAAA.AQID")")) == "malformed");
  const auto order = client.order({"a.example", "b.example"}, replaces);
  CHECK(order.status == 201);
  CHECK(order.text("/replaces") == id);
  const auto again = client.order({"a.example"}, replaces);
  CHECK(again.status == 409);
  CHECK(type_of(again) == "alreadyReplaced");
  // An order that came to nothing gives it free.
  acme.validator.outcomes["b.example"] =
      ScriptedValidator::failure(validation::Problem::kUnauthorized);
  client.prove(order);
  CHECK(client.get(order.header("Location")).text("/status") == "invalid");
  CHECK(client.order({"a.example"}, replaces).status == 201);
  // Where hints do not stop renewals.
  acme.add_directory("default", [](Directory& row) { row.unknown_replaces = true; });
  const auto dropped = other.order({"a.example"}, replaces);
  CHECK(dropped.status == 201);
  CHECK_FALSE(dropped.body.contains("replaces"));
  CHECK(client.order({"a.example"}, replaces).status == 409);
}

TEST_CASE("91: profiles") {
  TestAcme acme;
  acme.mount.add_role("brief", [](policy::Role& role) {
    role.require_cn = false;
    role.ttl = seconds{6 * 3600};
    role.max_ttl = seconds{6 * 3600};
  });
  acme.add_directory("default", [](Directory& row) {
    row.profiles = {{"standard", "role/acme", ""}, {"brief", "role/brief", "six hours"}};
  });
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  CHECK(client.send("GET", client.url("directory"), {}, {}).text("/meta/profiles/brief") ==
        "six hours");
  const auto unknown = client.order({"a.example"}, R"(,"profile":"nothing")");
  CHECK(unknown.status == 400);
  CHECK(type_of(unknown) == "invalidProfile");
  CHECK(client.order({"a.example"}).text("/profile") == "standard");
  const auto done = client.obtain({"a.example"}, R"(,"profile":"brief")");
  CHECK(done.text("/profile") == "brief");
  const auto certificate = client.certificate(done);
  CHECK(certificate.not_after() <= acme.mount.clock.now() + seconds{6 * 3600});
  // Short-lived: half of its life.
  const auto shown = client.send("GET", client.url("renewal-info/" + id_of(certificate)), {}, {});
  const TimePoint start = parse_rfc3339(shown.text("/suggestedWindow/start")).value();
  CHECK(start < certificate.not_before() + seconds{4 * 3600});
}

struct FirstDirectory {
  static constexpr std::int64_t kVersion = 1;
  Directory row;
  static void fields(const FirstDirectory& self, access::RowWriter& visit) {
    Directory::first_fields(self.row, visit);
  }
};

TEST_CASE("a directory's row as it was before there were limits of domains") {
  TestAcme acme;
  Directory row = acme.directory()->row;
  row.most_names = 7;
  row.certificates_per_domain = 9;  // not in it
  record::WriteSet writes;
  writes.put(directory_key("default"), access::encode_row(FirstDirectory{row}));
  REQUIRE(acme.mount.store->committer()
              .submit(std::move(writes))
              .wait(OnLane::outside_server())
              .has_value());
  CHECK(acme.directory()->row.most_names == 7);
  CHECK(acme.directory()->row.certificates_per_domain == 0);
  CHECK(acme.directory()->row.domain_labels == 2);
}

}  // namespace
}  // namespace chancery::acme
