#include "policy/authority_request.h"

#include <doctest/doctest.h>

#include "policy/test_request.h"

namespace chancery::policy {
namespace {

const TimePoint kStart = parse_rfc3339("2026-05-01T00:00:00Z").value();

crypto::PrivateKey new_key() {
  return crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
}

access::Grant pki_grant() { return access::local_operator({"root", "pki/"}); }

AuthorityRequest root_request() {
  static const crypto::PrivateKey key = new_key();
  AuthorityRequest request;
  request.content.common_name = "Root CA";
  request.content.generated_key = key.public_key();
  return request;
}

std::string refusal(const AuthorityRequest& request) {
  const auto decision = authorize_root(pki_grant(), request, {}, kStart);
  REQUIRE_FALSE(decision.has_value());
  return decision.error().detail;
}

TEST_CASE("a root is decided with subject, names, times and constraints") {
  AuthorityRequest request = root_request();
  request.organization = {"Example"};
  request.country = {"DE"};
  request.content.alt_names = {"ca.example.com", "ca@example.com"};
  request.content.ttl = seconds{3600};
  request.max_path_length = 1;
  request.permitted_dns_domains = {"example.com"};
  request.excluded_ip_ranges = {"10.0.0.0/8"};
  const Decision decision = authorize_root(pki_grant(), request, {}, kStart).value();
  const CertificateContent& content = decision.authorization.content();
  CHECK(content.subject.to_string() == "CN=Root CA,O=Example,C=DE");
  CHECK(content.names.size() == 2);
  CHECK(content.not_before == kStart - seconds{30});
  CHECK(content.not_after == kStart + seconds{3600});
  CHECK(content.basic_constraints == x509::BasicConstraints{true, 1});
  CHECK(content.key_usage ==
        x509::KeyUsage{x509::KeyUsageBit::kKeyCertSign, x509::KeyUsageBit::kCrlSign});
  CHECK(content.name_constraints->permitted.size() == 1);
  CHECK(content.name_constraints->excluded.size() == 1);
  CHECK(decision.warnings.empty());
}

TEST_CASE("a root's time is bounded by its mount, with a warning") {
  AuthorityRequest request = root_request();
  request.content.ttl = seconds{100'000LL * 3600};
  const Decision decision = authorize_root(pki_grant(), request, {}, kStart).value();
  CHECK(decision.authorization.content().not_after == kStart + Limits{}.max_ttl);
  REQUIRE(decision.warnings.size() == 1);
  CHECK(decision.warnings[0].starts_with("TTL \"100000h0m0s\" is longer than permitted maxTTL"));
}

TEST_CASE("what a CA cannot be") {
  AuthorityRequest request = root_request();
  request.content.common_name.clear();
  CHECK(refusal(request).starts_with("a CA needs a subject"));
  request = root_request();
  request.max_path_length = -2;
  CHECK(refusal(request) == "x509: invalid MaxPathLen, must be greater or equal to -1");
  request.max_path_length = 300;
  CHECK(refusal(request).starts_with("max_path_length is at most"));
  for (auto field :
       {&AuthorityRequest::permitted_ip_ranges, &AuthorityRequest::excluded_ip_ranges}) {
    for (const char* bad : {"10.0.0.1", "10.0.0.0/33", "x", "::/200"}) {
      request = root_request();
      (request.*field) = {bad};
      CHECK(refusal(request).starts_with("failed to parse"));
    }
  }
  request = root_request();
  request.permitted_dns_domains = {
      "b\xc3\xbc"
      "cher.example"};
  CHECK(refusal(request).starts_with("failed to parse permitted_dns_domains"));
}

TEST_CASE("an intermediate needs a request and an issuer that lets it be") {
  IssuerFacts issuer{"id", kStart + seconds{7200}, {}};
  AuthorityRequest request;
  request.content.common_name = "I";
  const auto without = authorize_intermediate(pki_grant(), request, issuer, kStart);
  CHECK(without.error().detail == "\"csr\" is empty");
}

TEST_CASE("types of keys") {
  CHECK(authority_key_type("ec", 0).value().algorithm == crypto::KeyAlgorithm::kEcdsaP256);
  CHECK(authority_key_type("ec", 384).value().algorithm == crypto::KeyAlgorithm::kEcdsaP384);
  CHECK(authority_key_type("rsa", 0).value().rsa_bits == 2048);
  CHECK(authority_key_type("mldsa", 65).value().algorithm == crypto::KeyAlgorithm::kMlDsa65);
  CHECK(authority_key_type("any", 0).error().detail == "unknown key type: any");
  CHECK(authority_key_type("zz", 0).error().detail == "unknown key type zz");
  CHECK_FALSE(authority_key_type("rsa", 1024).has_value());
  CHECK_FALSE(authority_key_type("rsa", -1).has_value());
  CHECK_FALSE(authority_key_type("rsa", 1LL << 40).has_value());
}

}  // namespace
}  // namespace chancery::policy
