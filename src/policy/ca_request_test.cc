#include "policy/test_request.h"

namespace chancery::policy {
namespace {

using namespace test;

CaRequest ca_request(const char* lifetime) {
  CaRequest request;
  request.profile = "issuing-ca";
  request.subject = x509::Name::parse("CN=Issuing CA,O=Example").value();
  request.public_key = key_of("p256");
  request.lifetime = parse_duration(lifetime).value();
  request.path_length = 0;
  return request;
}

std::string refusal(const CaRequest& request, const IssuerFacts* above) {
  const auto authorization = authorize_ca(grant(), request, above, kNow);
  return authorization ? "ok" : authorization.error().detail;
}

TEST_CASE("a CA certificate") {
  const IssuerFacts root = issuer();
  const auto authorization = authorize_ca(grant(), ca_request("8760h"), &root, kNow);
  REQUIRE(authorization.has_value());
  const CertificateContent& content = authorization->content();
  CHECK(content.profile == "issuing-ca");
  CHECK(content.subject.to_string() == "CN=Issuing CA,O=Example");
  CHECK(content.basic_constraints == x509::BasicConstraints{true, 0});
  CHECK(x509::to_string(content.key_usage) == "digitalSignature, keyCertSign, cRLSign");
  CHECK(content.extended_key_usage.empty());
  CHECK(rfc3339(content.not_before) == "2026-11-21T09:59:30Z");
  CHECK(content.not_after == root.not_after);
}

TEST_CASE("a CA does not outlive its issuer") {
  const IssuerFacts root = issuer();
  CHECK(refusal(ca_request("8761h"), &root) ==
        "the CA certificate would end at 2027-11-21T11:00:00Z, after its issuer, which ends at "
        "2027-11-21T10:00:00Z; "
        "ask for a ttl of at most 8760h0m0s");
  CHECK(refusal(ca_request("8761h"), nullptr) == "ok");
  CHECK(refusal(ca_request("0s"), nullptr) == "a CA needs a lifetime");
  CHECK(refusal(ca_request("70000000h"), nullptr) ==
        "the CA certificate would end after the year 9999");
}

TEST_CASE("a CA needs a subject and a key") {
  CaRequest request = ca_request("1h");
  request.subject = {};
  CHECK(refusal(request, nullptr) == "a CA needs a subject: certificates name their issuer by it");
  request = ca_request("1h");
  request.public_key.reset();
  CHECK(refusal(request, nullptr) == "a CA needs a key");
  for (const char* type : {"rsa2048", "p384", "ed25519", "ml-dsa-65"}) {
    CAPTURE(type);
    request.public_key = key_of(type);
    CHECK(refusal(request, nullptr) == "ok");
  }
  request.public_key = weak_key();
  CHECK(refusal(request, nullptr) == "the key is weak: RFC 9500 publishes its private half");
}

}  // namespace
}  // namespace chancery::policy
