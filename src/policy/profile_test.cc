#include "policy/profile.h"

#include <doctest/doctest.h>

#include <algorithm>

#include <set>

#include "policy/profile_fields.h"
#include "policy/test_request.h"
#include "x509/oids.h"

namespace chancery::policy::test {
namespace {

Profile derived(std::string_view from) {
  Profile profile = *shipped_profile(from);
  profile.extends = from;
  profile.rules.name = "mine";
  return profile;
}

Profile server_for(std::string_view domain) {
  Profile profile = derived("tls-server");
  profile.rules.allowed_domains = {std::string(domain)};
  profile.rules.allow_subdomains = true;
  return profile;
}

Result<Decision> decide(const Profile& profile, const IssueRequest& request) {
  return evaluate(grant(), compile(profile).value(), request, issuer(), kNow);
}

Error refusal(const Profile& profile, const IssueRequest& request) {
  auto decision = decide(profile, request);
  REQUIRE_FALSE(decision.has_value());
  return decision.error();
}

// checked is what check_profile says: "" or the field.
std::string checked(Profile profile) {
  const auto warnings = check_profile(profile, {});
  return warnings ? "" : where(warnings.error(), "field");
}

TEST_CASE("shipped profiles are sound, sorted, and allow nobody by themselves") {
  std::string before;
  CHECK(shipped_profiles().size() == 10);
  for (const Profile& shipped : shipped_profiles()) {
    CAPTURE(shipped.rules.name);
    CHECK(before < shipped.rules.name);
    before = shipped.rules.name;
    Profile copy = shipped;
    CHECK(check_profile(copy, {}).has_value());
    CHECK(encode(copy) == encode(shipped));  // nothing was left to resolve
    for (const char* name : {"www.example.com", "localhost", "Some Body", "a@example.com"}) {
      CHECK_FALSE(decide(shipped, request_for(name)).has_value());
    }
    IssueRequest address = request_for("");
    address.ip_sans = {"10.0.0.1"};
    CHECK_FALSE(decide(shipped, address).has_value());
  }
  CHECK(shipped_profile("tls-server") != nullptr);
  CHECK(shipped_profile("tls") == nullptr);
}

TEST_CASE("a derived profile issues what it says") {
  Profile profile = server_for("example.com");
  profile.must_staple = true;
  const auto decision = decide(profile, request_for("www.example.com"));
  REQUIRE(decision.has_value());
  const CertificateContent& content = decision->authorization.content();
  CHECK(content.profile == "mine");
  CHECK(content.key_usage == x509::KeyUsage{x509::KeyUsageBit::kDigitalSignature});
  CHECK(content.extended_key_usage == std::vector<asn1::Oid>{x509::oids::kServerAuth});
  CHECK(content.not_after - kNow == seconds{90 * 86'400});  // over the mount's 768 h
  CHECK_FALSE(content.basic_constraints.has_value());
  REQUIRE(content.extras);
  CHECK(hex(content.extras->extensions) == "301106082b0601050507011804053003020105");
  CHECK(where(refusal(profile, request_for("www.example.org")), "rule") == "allowed_domains");
}

TEST_CASE("keys are exactly those listed; the first is made by default") {
  const Profile profile = server_for("example.com");
  IssueRequest request = request_for("a.example.com");
  request.generated_key = key_of("ed25519");
  CHECK(where(refusal(profile, request), "rule") == "keys");
  request.generated_key = key_of("rsa-2048");
  CHECK(decide(profile, request).has_value());
  const CompiledProfile compiled = compile(profile).value();
  const auto made = [&](std::string_view type, unsigned bits) {
    const auto key = generated_key_type(compiled, type, bits);
    return key ? crypto::to_string(*key) : where(key.error(), "rule");
  };
  CHECK(made("", 0) == "ECDSA P-256");
  CHECK(made("ec", 384) == "ECDSA P-384");
  CHECK(made("rsa", 0) == "RSA-2048");
  CHECK(made("rsa", 3072) == "RSA-3072");
  CHECK(made("ec", 521) == "keys");
  CHECK(made("ed25519", 0) == "keys");
}

TEST_CASE("key usage is less what the key cannot do") {
  Profile profile = derived("smime");
  profile.rules.allowed_domains = {"example.com"};
  profile.rules.allow_bare_domains = true;
  IssueRequest request = request_for("a@example.com");
  const auto usage = [&] {
    return x509::to_string(decide(profile, request).value().authorization.content().key_usage);
  };
  CHECK(usage() == "digitalSignature, keyAgreement");
  request.generated_key = key_of("rsa-2048");
  CHECK(usage() == "digitalSignature, keyEncipherment");
}

TEST_CASE("common names that are no host names must be listed") {
  Profile profile = derived("code-signing");
  CHECK(where(refusal(profile, request_for("Example GmbH")), "rule") == "allowed_common_names");
  profile.allowed_common_names = {"Example *"};
  CHECK(decide(profile, request_for("Example GmbH")).has_value());
  CHECK_FALSE(decide(profile, request_for("Other GmbH")).has_value());
}

TEST_CASE("users are globs over the actor") {
  Profile profile = server_for("example.com");
  profile.users = {"token:*", "operators"};
  const Error error = refusal(profile, request_for("a.example.com"));
  CHECK(error.code == Code::kPermissionDenied);
  CHECK(where(error, "rule") == "users");
  profile.users = {"oper*"};
  CHECK(decide(profile, request_for("a.example.com")).has_value());
}

TEST_CASE("an authority below this one") {
  Profile profile = derived("sub-ca");
  profile.allowed_common_names = {"*"};
  profile.rules.ttl = seconds{86'400};
  profile.permitted_names = {"DNS:example.com", "IP:10.0.0.0/8"};
  profile.policy_mappings = {"1.2.3=1.2.4"};
  profile.inhibit_any_policy = 0;
  const auto decision = decide(profile, request_for("Below"));
  REQUIRE(decision.has_value());
  const CertificateContent& content = decision->authorization.content();
  CHECK(content.basic_constraints == x509::BasicConstraints{true, 0});
  CHECK(content.name_constraints->permitted.size() == 2);
  CHECK(content.names.empty());
  profile.max_path_length = -1;
  CHECK_FALSE(compile(profile).value().basic_constraints->path_length.has_value());
}

TEST_CASE("what makes no sense is refused with its field") {
  struct Row {
    const char* field;
    void (*spoil)(Profile&);
  };
  const Row rows[] = {
      {"keys", [](Profile& p) { p.keys = {}; }},
      {"keys", [](Profile& p) { p.keys = {"rsa-1024"}; }},
      {"keys", [](Profile& p) { p.keys = {"x25519"}; }},
      {"keys", [](Profile& p) { p.keys = {"dsa"}; }},
      {"lints", [](Profile& p) { p.lints = {"san_dns_syntx=off"}; }},
      {"lints", [](Profile& p) { p.lints = {"san_dns_syntax=maybe"}; }},
      {"lints", [](Profile& p) { p.lints = {"parse=off"}; }},
      {"lints", [](Profile& p) { p.lints = {"eku_any=off", "eku_any=error"}; }},
      {"lints", [](Profile& p) { p.lints = {"bx_*=error"}; }},
      {"custom_extensions", [](Profile& p) { p.custom_extensions = {"1.2.3"}; }},
      {"custom_extensions", [](Profile& p) { p.custom_extensions = {"1.2.3;zz"}; }},
      {"custom_extensions", [](Profile& p) { p.custom_extensions = {"1.2.3;0500ff"}; }},
      {"custom_extensions", [](Profile& p) { p.custom_extensions = {"1.2.3;0500", "1.2.3;0500"}; }},
      {"custom_extensions", [](Profile& p) { p.custom_extensions = {"2.5.29.19;30030101ff"}; }},
      {"ext_key_usage", [](Profile& p) { p.rules.ext_key_usage = {"ServrAuth"}; }},
      {"key_usage", [](Profile& p) { p.rules.key_usage = {"CertSign"}; }},
      {"key_usage", [](Profile& p) { p.rules.key_usage = {"Everything"}; }},
      {"permitted_names", [](Profile& p) { p.permitted_names = {"DNS:example.com"}; }},
      {"no_rev_avail", [](Profile& p) { p.no_rev_avail = true; }},
      {"must_staple", [](Profile& p) { p.must_staple = true, p.ocsp_urls = false; }},
      {"max_path_length", [](Profile& p) { p.max_path_length = 5000; }},
      {"description", [](Profile& p) { p.description = std::string(501, 'x'); }},
      {"description", [](Profile& p) { p.description = "a\nb"; }},
      {"users", [](Profile& p) { p.users.assign(1001, "a"); }},
      {"ttl", [](Profile& p) { p.rules.ttl = p.rules.max_ttl + seconds{1}; }},
  };
  CHECK(checked(server_for("example.com")).empty());
  for (const Row& row : rows) {
    CAPTURE(row.field);
    Profile profile = server_for("example.com");
    row.spoil(profile);
    CHECK(checked(profile) == row.field);
  }
  Profile profile = derived("tls-server");
  profile.lints = {"san_dns_syntx=off"};
  const auto refused = check_profile(profile, {});
  CHECK(refused.error().detail.contains("did you mean \"san_dns_syntax\""));
  Profile ca = derived("sub-ca");
  ca.permitted_names = {"IP:10.0.0.1"};
  CHECK(checked(ca) == "permitted_names");
}

TEST_CASE("the stored form has every field and takes no other") {
  Profile profile = server_for("example.com");
  profile.lints = {"eku_any=warning"};
  profile.inhibit_any_policy = 3;
  const Bytes document = encode(profile);
  CHECK(encode(parse_profile(document).value()) == document);
  CHECK_FALSE(parse_profile(to_bytes("{}")).has_value());
  std::string more(as_text(document));
  more.insert(1, R"("surprise":1,)");
  CHECK(parse_profile(to_bytes(more)).error().code == Code::kDataLoss);
  std::set<std::string_view> names;
  for_each_field(profile,
                 [&](std::string_view name, const auto&) { CHECK(names.insert(name).second); });
  CHECK(names.size() == profile_fields().size() + profile_rule_fields().size());
}

TEST_CASE("lints are chosen by name and by glob; a name outweighs a glob") {
  Profile profile = *shipped_profile("tls-server");
  profile.lints = {"br_*=error", "br_common_name=off"};
  const auto compiled = compile(profile).value();
  const auto severity = [&](std::string_view rule) {
    const auto& settings = compiled.extras->lints;
    const auto set = std::ranges::find(settings, rule, &x509::lint::Setting::rule);
    return set == settings.end() ? "as it is" : name(set->severity);
  };
  CHECK(severity("br_validity") == "error");
  CHECK(severity("br_common_name") == "off");
  CHECK(severity("eku_any") == "as it is");
  profile.lints = {"*=warning"};
  const auto everything = compile(profile).value();
  CHECK(everything.extras->lints.size() == x509::lint::rules().size() - 1);  // not "parse"
}

}  // namespace
}  // namespace chancery::policy::test
