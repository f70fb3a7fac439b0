#include <doctest/doctest.h>

#include "base/text.h"
#include "ca/test_authority.h"
#include "x509/verify.h"

namespace chancery::ca {
namespace {

TEST_CASE("an issued certificate chains, is recorded and is found") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  const x509::Certificate& certificate = issued.certificate;
  CHECK(x509::verify_signed_by(certificate, t.authority->certificate()).has_value());
  CHECK(certificate.not_after() <= t.authority->certificate().not_after());
  CHECK(equal(certificate.extensions().authority_key_id->key_id.value(),
              t.authority->key_identifier()));
  CHECK(certificate.extensions().authority_info_access->size() == 2);

  const StoredCertificate stored = t.service->find(t.scope, certificate.serial()).value();
  CHECK(equal(stored.der, certificate.der()));
  CHECK(stored.row.issuer_id == t.authority->id());
  CHECK(stored.row.profile == "web");
  CHECK_FALSE(stored.revocation.has_value());
  const auto row = t.store->log().get(stored.row.log_index).value();
  const record::Event event = record::decode(row.entry.event).value();
  CHECK(event.actor == "operator");
  CHECK(event.request_id == "req-1");
  CHECK(*event.certificate == certificate.fingerprint_sha256());
}

TEST_CASE("serial numbers carry cell and expiry month and never repeat") {
  TestAuthority t;
  const Issued a = t.issue("a.example.test");
  const Issued b = t.issue("b.example.test");
  const BytesView serial = a.certificate.serial();
  REQUIRE(serial.size() == 19);
  CHECK(serial[0] == 0x01);
  CHECK((serial[1] << 8 | serial[2]) == (2026 - 1970) * 12 + 4);  // May 2026
  CHECK_FALSE(equal(serial, b.certificate.serial()));
}

TEST_CASE("plan is a pure function and never outlives the issuer") {
  TestAuthority t;
  const auto authorization = t.authorize("www.example.test");
  const Bytes serial(19, 0x01);
  const Bytes once = plan(authorization.content(), *t.authority, serial).value();
  CHECK(once == plan(authorization.content(), *t.authority, serial).value());

  policy::CertificateContent content = authorization.content();
  content.not_after = t.authority->certificate().not_after() + seconds{1};
  const auto refused = plan(content, *t.authority, serial);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kRefused);
  CHECK(refused.error().to_string().find("rule=issuer_validity") != std::string::npos);
}

TEST_CASE("an authority with path length 0 certifies no authority below it") {
  TestAuthority t;
  const auto key = t.keys->generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  policy::CaRequest request{
      "issuing-ca", TestAuthority::name("Sub"), key->public_key(), seconds{86'400}, 0, {}};
  const policy::IssuerFacts facts = t.authority->facts({});
  auto authorization =
      policy::authorize_ca(access::local_operator(t.scope), request, &facts, t.clock.now()).value();
  const auto content = authorization.content();
  const Issued sub = t.commit(t.service->issue(std::move(authorization), t.authority, {}).value());

  AuthorityRecord record;
  record.id = "22222222-2222-4222-8222-222222222222";
  record.key_id = std::string(key->key_id());
  record.certificate = to_bytes(sub.certificate.der());
  t.commit(t.service->add_authority(access::local_operator(t.scope), record).value());
  const auto issuing = t.service->authority(t.scope, record.id).value();
  const auto refused = plan(content, *issuing, Bytes(19, 0x01));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().to_string().find("rule=issuer_path_length") != std::string::npos);
}

TEST_CASE("no_store drops the DER, never the event with serial and hash") {
  TestAuthority t;
  const std::uint64_t before = t.store->log().size();
  const Issued issued = t.issue("www.example.test", true);
  CHECK(t.service->find(t.scope, issued.certificate.serial()).error().code == Code::kNotFound);
  const auto row = t.store->log().get(before).value();
  CHECK(row.entry.certificate.empty());
  const record::Event event = record::decode(row.entry.event).value();
  CHECK(event.subject == hex(issued.certificate.serial()));
  CHECK(*event.certificate == issued.certificate.fingerprint_sha256());
  CHECK(record::detail(event, "subject") == "CN=www.example.test");
}

// under issues with a new key under a profile that extends a shipped one.
Result<Staged<Issued>> under(TestAuthority& t, std::string_view from, const std::string& name,
                             void (*change)(policy::Profile&)) {
  policy::Profile profile = *policy::shipped_profile(from);
  profile.rules.allow_any_name = true;
  profile.allowed_common_names = {"*"};
  change(profile);
  policy::IssueRequest request;
  request.common_name = name;
  request.generated_key = t.leaf_key.public_key();
  auto decision =
      TRY(policy::evaluate(access::local_operator(t.scope), policy::compile(profile).value(),
                           request, t.authority->facts({}), t.clock.now()));
  return t.service->issue(std::move(decision.authorization), t.authority, "req");
}

TEST_CASE("a profile's extensions are in the certificate") {
  TestAuthority t;
  const auto issue = [&](std::string_view from, const std::string& name,
                         void (*change)(policy::Profile&)) {
    return t.commit(under(t, from, name, change).value()).certificate;
  };
  auto made = issue("tls-server", "www.example.test", [](policy::Profile& p) {
    p.must_staple = true;
    p.crl_urls = false;
    p.custom_extensions = {"1.3.6.1.4.1.99999.1;critical;0c0141"};
  });
  CHECK(made.extensions().must_staple());
  CHECK_FALSE(made.extensions().crl_distribution_points.has_value());
  CHECK(made.extensions().authority_info_access->size() == 2);
  CHECK(made.extensions().find(asn1::Oid("1.3.6.1.4.1.99999.1"))->critical);

  made = issue("tls-server", "www.example.test", [](policy::Profile& p) {
    p.no_rev_avail = true;
    p.crl_urls = p.ocsp_urls = false;
  });
  CHECK(made.extensions().no_revocation_available);
  CHECK(made.extensions().authority_info_access->size() == 1);

  made = issue("timestamping", "Time", [](policy::Profile&) {});
  CHECK(made.extensions().find(x509::oids::kExtendedKeyUsage)->critical);
  made = issue("ocsp-responder", "Status", [](policy::Profile&) {});
  CHECK(made.extensions().find(x509::oids::kOcspNoCheck) != nullptr);

  made = issue("sub-ca", "Below", [](policy::Profile& p) {
    p.permitted_names = {"DNS:example.test"};
    p.policy_mappings = {"1.2.3=1.2.4"};
    p.require_explicit_policy = 0;
  });
  CHECK(made.extensions().basic_constraints == x509::BasicConstraints{true, 0});
  CHECK(made.extensions().name_constraints->permitted.size() == 1);
  CHECK(made.extensions().policy_mappings->size() == 1);
  CHECK(made.extensions().policy_constraints->require_explicit_policy == 0U);
  CHECK(x509::verify_signed_by(made, t.authority->certificate()).has_value());
}

TEST_CASE("a lint is as serious as the profile says") {
  TestAuthority t;
  // A server without a subject alternative name.
  const auto outcome = [&](void (*change)(policy::Profile&)) -> std::string {
    auto issued = under(t, "tls-server", "No Host", change);
    if (!issued) return issued.error().to_string();
    return join(t.commit(*std::move(issued)).warnings, "; ");
  };
  const auto warned = outcome([](policy::Profile& p) {
    p.rules.cn_validations = {"disabled"};
    p.lints = {"san_server_present=warning"};
  });
  CHECK(warned.contains("lint san_server_present: "));
  const auto refused = outcome([](policy::Profile& p) {
    p.rules.cn_validations = {"disabled"};
    p.lints = {"san_server_present=error"};
  });
  CHECK(refused.contains("rule=lint.san_server_present"));
  const auto silent = outcome([](policy::Profile& p) {
    p.rules.cn_validations = {"disabled"};
    p.lints = {"san_server_present=off"};
  });
  CHECK(silent.empty());
}

TEST_CASE("authorities of every key type issue") {
  for (const crypto::KeyType type : {crypto::KeyType{crypto::KeyAlgorithm::kRsa, 2048},
                                     crypto::KeyType{crypto::KeyAlgorithm::kEcdsaP384, 0},
                                     crypto::KeyType{crypto::KeyAlgorithm::kEd25519, 0},
                                     crypto::KeyType{crypto::KeyAlgorithm::kMlDsa44, 0},
                                     crypto::KeyType{crypto::KeyAlgorithm::kMlDsa65, 0},
                                     crypto::KeyType{crypto::KeyAlgorithm::kMlDsa87, 0}}) {
    CAPTURE(crypto::to_string(type));
    TestAuthority t(type);
    CHECK(
        x509::verify_signed_by(t.issue("www.example.test").certificate, t.authority->certificate())
            .has_value());
  }
}

TEST_CASE("an authority whose key is elsewhere refuses to issue") {
  TestAuthority t;
  AuthorityRecord record = t.authority->record();
  record.id = "22222222-2222-4222-8222-222222222222";
  record.name = "offline";
  record.key_id.clear();
  record.is_default = false;
  t.commit(t.service->add_authority(access::local_operator(t.scope), record).value());
  const auto offline = t.service->authority(t.scope, "offline").value();
  CHECK(t.service->issue(t.authorize("www.example.test"), offline, {}).error().code ==
        Code::kUnavailable);
  CHECK(t.service->authority(t.scope, "absent").error().code == Code::kNotFound);
  CHECK(t.service->authorities(t.scope).value().front()->record().name == "root");
}

TEST_CASE("authority records round-trip and refuse truncation") {
  TestAuthority t;
  const Bytes der = encode(t.authority->record());
  CHECK(encode(decode_authority(der).value()) == der);
  for (std::size_t n = 0; n < der.size(); n += 7)
    CHECK_FALSE(decode_authority(BytesView(der).first(n)).has_value());
}

}  // namespace
}  // namespace chancery::ca
