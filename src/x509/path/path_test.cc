#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "x509/oids.h"
#include "x509/path/dns_name.h"
#include "x509/path/name_key.h"
#include "x509/path/testing/certificate_spec.h"
#include "x509/path/validate.h"

namespace chancery::x509::path {
namespace {

using testing::CertificateSpec;

const crypto::PrivateKey& key(std::size_t number) {
  static std::vector<crypto::PrivateKey> keys;
  while (keys.size() <= number) {
    keys.push_back(crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value());
  }
  return keys[number];
}

Bytes name_der(const std::string& common_name) {
  return to_bytes(Name::parse("CN=" + common_name).value().der());
}

struct Issued {
  std::string subject;
  std::size_t key = 0;
  std::string issuer;
  std::size_t issuer_key = 0;
  bool ca = true;
  std::vector<Bytes> extensions;
};

Certificate issue(const Issued& what) {
  static std::uint16_t serial = 0;
  ++serial;
  CertificateSpec spec;
  spec.serial = {0x01, static_cast<std::uint8_t>(serial >> 8), static_cast<std::uint8_t>(serial)};
  spec.issuer = name_der(what.issuer);
  spec.subject = name_der(what.subject);
  spec.not_before = from_unix(1'767'225'600);
  spec.not_after = from_unix(1'798'761'600);
  spec.spki = to_bytes(key(what.key).public_key().spki());
  spec.algorithm = testing::algorithm_of(key(what.issuer_key));
  if (what.ca) {
    spec.extensions.push_back(testing::written(
        [](asn1::Writer& w) { write_basic_constraints(w, BasicConstraints{true, {}}); }));
  }
  for (const Bytes& one : what.extensions) spec.extensions.push_back(one);
  return Certificate::parse(testing::encode(spec, testing::sign_with(key(what.issuer_key))))
      .value();
}

Options options() {
  Options out;
  out.time = from_unix(1'780'272'000);
  return out;
}

Report run(const Certificate& target, const TrustStore& trust, const CertificatePool& pool,
           const Options& asked) {
  const CertificateSource* const source = &pool;
  return validate(target, trust, std::span(&source, 1), asked);
}

Bytes policies(const std::vector<asn1::Oid>& ids) {
  std::vector<PolicyInformation> list;
  for (const asn1::Oid& id : ids) list.push_back({id, {}, {}});
  return testing::written([&](asn1::Writer& w) { write_certificate_policies(w, list); });
}

asn1::Oid policy(std::size_t number) {
  return asn1::Oid::parse("1.2.3." + std::to_string(number)).value();
}

TEST_CASE("a mesh of authorities that all certify each other is given up within the budget") {
  constexpr std::size_t kAuthorities = 12;
  CertificatePool pool;
  for (std::size_t a = 0; a < kAuthorities; ++a) {
    for (std::size_t b = 0; b < kAuthorities; ++b) {
      if (a != b)
        pool.add(issue({"ca" + std::to_string(a), a, "ca" + std::to_string(b), b, true, {}}));
    }
  }
  const Certificate target = issue({"leaf", 20, "ca0", 0, false, {}});
  const Certificate root = issue({"root", 21, "root", 21, true, {}});

  SUBCASE("and no anchor") {
    TrustStore trust;
    trust.add(root);
    const Report report = run(target, trust, pool, options());
    CHECK_FALSE(report.valid);
    CHECK((report.findings.has(Rule::kIterationBudget) ||
           report.findings.has(Rule::kSignatureBudget)));
    const Limits limits;
    CHECK(report.iterations <= limits.iterations + 64);
    CHECK(report.signature_checks <= limits.signature_checks + 16);
    CHECK(report.attempts.size() <= kMaxAttempts);
  }
  SUBCASE("and with an anchor behind the last of them the path is found") {
    TrustStore trust;
    trust.add(root);
    pool.add(issue({"ca11", 11, "root", 21, true, {}}));
    Options asked = options();
    asked.limits.iterations = 100'000;
    asked.limits.signature_checks = 1000;
    CHECK(run(target, trust, pool, asked).valid);
  }
  SUBCASE("and a deadline ends it sooner") {
    TrustStore trust;
    trust.add(root);
    Options asked = options();
    std::size_t questions = 0;
    asked.limits.out_of_time = [&] { return ++questions > 10; };
    const Report report = run(target, trust, pool, asked);
    CHECK_FALSE(report.valid);
    CHECK(report.findings.has(Rule::kDeadline));
    CHECK(questions <= 14);
  }
}

// The chain that made implementations of RFC 5280's tree explode: at each level every policy is
// mapped to every other, so the tree has n^depth nodes.
TEST_CASE("policies that multiply in a tree cost what they weigh in the graph") {
  constexpr std::size_t kPolicies = 15;
  constexpr std::size_t kDepth = 12;
  std::vector<asn1::Oid> all;
  std::vector<std::pair<asn1::Oid, asn1::Oid>> every_pair;
  for (std::size_t i = 0; i < kPolicies; ++i) all.push_back(policy(i));
  for (const auto& a : all) {
    for (const auto& b : all) every_pair.emplace_back(a, b);
  }
  CertificatePool pool;
  for (std::size_t i = 1; i <= kDepth; ++i) {
    pool.add(issue({"p" + std::to_string(i),
                    0,
                    "p" + std::to_string(i - 1),
                    0,
                    true,
                    {policies(all), testing::policy_mappings(every_pair)}}));
  }
  TrustStore trust;
  trust.add(issue({"p0", 0, "p0", 0, true, {}}));
  const Certificate target =
      issue({"leaf", 1, "p" + std::to_string(kDepth), 0, false, {policies(all)}});
  Options asked = options();
  asked.policies.require_explicit = true;
  const Report report = run(target, trust, pool, asked);
  CHECK(report.valid);
  CHECK(report.policies == all);

  asked.policies.acceptable = {policy(99)};
  CHECK(run(target, trust, pool, asked).findings.has(Rule::kPolicyMissing));
}

Bytes excluded_names(std::size_t count, const std::string& suffix) {
  NameConstraints constraints;
  for (std::size_t i = 0; i < count; ++i)
    constraints.excluded.push_back(GeneralName::dns("n" + std::to_string(i) + suffix).value());
  return testing::written([&](asn1::Writer& w) { write_name_constraints(w, constraints); });
}

TEST_CASE("names times constraints are bounded") {
  std::vector<GeneralName> names;
  for (std::size_t i = 0; i < 1800; ++i)
    names.push_back(GeneralName::dns("h" + std::to_string(i) + ".example.test").value());
  const Bytes alt_names =
      testing::written([&](asn1::Writer& w) { write_subject_alt_name(w, names); });
  const Certificate root = issue({"root", 0, "root", 0, true, {}});
  TrustStore trust;
  trust.add(root);
  CertificatePool pool;
  pool.add(issue({"inter", 1, "root", 0, true, {excluded_names(1800, ".example.org")}}));
  const Certificate target = issue({"leaf", 2, "inter", 1, false, {alt_names}});
  const Report report = run(target, trust, pool, options());
  CHECK_FALSE(report.valid);
  CHECK(report.findings.has(Rule::kNameBudget));
}

TEST_CASE("a hundred thousand name constraints are refused before anything is compared") {
  const Bytes constraints = excluded_names(100'000, ".x");
  CertificateSpec spec;
  spec.issuer = spec.subject = name_der("root");
  spec.spki = to_bytes(key(0).public_key().spki());
  spec.algorithm = testing::algorithm_of(key(0));
  spec.extensions = {constraints};
  const auto parsed = Certificate::parse(testing::encode(spec, testing::sign_with(key(0))));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == Code::kTooLarge);
}

TEST_CASE("a name that half the world issues under ends the search with a clear error") {
  CertificatePool pool;
  for (std::size_t i = 0; i < 30; ++i) pool.add(issue({"ca", i, "root", 31, true, {}}));
  TrustStore trust;
  trust.add(issue({"root", 31, "root", 31, true, {}}));
  const Certificate target = issue({"leaf", 32, "ca", 33, false, {}});
  Options asked = options();
  asked.limits.iterations = 20;
  const Report report = run(target, trust, pool, asked);
  CHECK(report.findings.has(Rule::kIterationBudget));
  CHECK(report.signature_checks == 0);
}

TEST_CASE("explaining lists every check that passed and every path that was given up") {
  TrustStore trust;
  trust.add(issue({"root", 0, "root", 0, true, {}}));
  CertificatePool pool;
  pool.add(issue({"inter", 3, "root", 0, true, {}}));  // a twin with another key
  pool.add(issue({"inter", 1, "root", 0, true, {}}));
  const Certificate target = issue({"leaf", 2, "inter", 1, false, {}});
  Options asked = options();
  asked.explain = true;
  const Report report = run(target, trust, pool, asked);
  REQUIRE(report.valid);
  CHECK(report.path.size() == 3);
  for (const Rule rule : {Rule::kTrustAnchor, Rule::kValidity, Rule::kSignature, Rule::kIssuer,
                          Rule::kPurpose, Rule::kPolicies}) {
    CHECK(report.findings.has(rule));
  }
  CHECK(report.attempts.size() == 1);
  asked.explain = false;
  CHECK(run(target, trust, pool, asked).findings.list().empty());
}

TEST_CASE("findings are bounded, and their text is clean") {
  Findings findings;
  for (int i = 0; i < 1000; ++i) findings.error(Rule::kExpired, 0, "a\nb");
  CHECK(findings.list().size() == kMaxFindings);
  CHECK(findings.errors() == 1000);
  CHECK(findings.list().front().message == "a?b");
}

TEST_CASE("every rule has a name and a section") {
  for (int i = 0; i <= static_cast<int>(Rule::kDeadline); ++i) {
    CHECK_FALSE(name(static_cast<Rule>(i)).empty());
    CHECK_FALSE(section(static_cast<Rule>(i)).empty());
  }
}

TEST_CASE("DNS names") {
  CHECK(is_dns_name("a.example.test"));
  CHECK(is_dns_name("_x.example.test"));
  for (const char* bad : {"", ".", "a.", ".a", "a..b", "*.a", "a b", "a/b", "\xc3\xa4.test"})
    CHECK_FALSE(is_dns_name(bad));
  CHECK_FALSE(is_dns_name(std::string(64, 'a') + ".test"));
  CHECK(is_wildcard_name("*.a"));
  CHECK_FALSE(is_wildcard_name("*"));
  CHECK_FALSE(is_wildcard_name("*.*.a"));
}

TEST_CASE("names that match have equal keys") {
  const auto same = [](std::string_view a, std::string_view b) {
    return name_key(Name::parse(a).value()) == name_key(Name::parse(b).value());
  };
  CHECK(same("CN=Example  Root,O=x", "CN=example root,O=X"));
  CHECK(same("CN=a+OU=b", "OU=b+CN=a"));
  CHECK_FALSE(same("CN=a,OU=b", "CN=a+OU=b"));
  CHECK_FALSE(same("CN=a,OU=b", "OU=b,CN=a"));
  CHECK_FALSE(same("CN=ab,O=c", "CN=a,O=bc"));
}

}  // namespace
}  // namespace chancery::x509::path
